"""From a record that was measured without a lease to results of origin `submission`."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import InvalidOperation

from django.db import DataError, transaction

from apps.catalog.actions import configuration_for
from apps.catalog.models import Artifact, Network, Protocol
from apps.core.errors import Conflict, InvalidInput
from apps.fleet.actions import note_device
from apps.fleet.models import Agent, Device, TrustTier
from apps.results.actions.accept import subset_of, terms_of
from apps.results.actions.claim import claim_samples
from apps.results.actions.submitted_cells import refresh_submitted
from apps.results.actions.turns import take_turn_of
from apps.results.models import Origin, Result, Submission, SubmissionState
from apps.results.submitted import Claim, find_problems
from apps.results.values import Value, values_of
from runners import wire


class OtherSubmission(Conflict):
    type = "other-submission"
    title = "Another record is there"


@transaction.atomic
def store_submission(
    *, agent: Agent, message: wire.SubmissionRequest, body: bytes, at: datetime
) -> tuple[Submission, bool]:
    """Keep a record's bytes. Returns the submission, and whether it is new.

    Raises OtherSubmission when its owner sent other bytes under the same id before.
    """
    take_turn_of(agent.owner)
    sha256 = hashlib.sha256(body).hexdigest()
    submission, is_new = Submission.objects.get_or_create(
        owner=agent.owner,
        submission_id=message.submission_id,
        defaults={
            "agent": agent,
            "artifact_sha256": message.artifact_sha256,
            "weights": message.artifact.weights,
            "runner_version": message.runner_version,
            "body": body,
            "sha256": sha256,
            "created_at": at,
        },
    )
    if submission.sha256 != sha256:
        raise OtherSubmission("You sent another record under this submission_id: a record is never overwritten.")
    return submission, is_new


def accept_submission(*, submission_pk: int, at: datetime) -> bool:
    """Validate a record and store its values, or refuse it with reasons. False when it was accepted before.

    A refused one is looked at again: its model may have been imported since.
    """
    try:
        return _accept(submission_pk=submission_pk, at=at)
    except InvalidInput as exc:
        return _refuse(submission_pk, [exc.detail], at=at)
    except (DataError, InvalidOperation) as exc:
        # Numbers beyond the columns: no sentence of our checks covers all that a record may say.
        problem = f"The site cannot store these values ({type(exc).__name__}): send plain text and plausible numbers."
        return _refuse(submission_pk, [problem], at=at)


@dataclass(frozen=True)
class _Subject:
    """What a record is about, as far as this site knows it; the protocol and the model at least."""

    network: Network
    protocol: Protocol
    artifact: Artifact | None


@transaction.atomic
def _accept(*, submission_pk: int, at: datetime) -> bool:
    submission = Submission.objects.select_for_update(of=("self",)).select_related("owner").get(pk=submission_pk)
    if submission.state == SubmissionState.ACCEPTED:
        return False
    message = wire.SubmissionRequest.model_validate(submission.json())
    subject = _subject(message)
    device = note_device(owner=submission.owner, offer=message.device, at=at)
    claim = Claim(
        message=message,
        network=subject.network,
        protocol=subject.protocol,
        artifact=subject.artifact,
        kind=device.kind,
        received_at=submission.created_at,
    )
    if problems := find_problems(claim) or claim_samples(message.record, submission=submission):
        raise InvalidInput(" ".join(problems))
    _store(submission, message, subject, device, at=at)
    return True


def _subject(message: wire.SubmissionRequest) -> _Subject:
    """Raises InvalidInput for a protocol or a model that this site does not have."""
    slug, version = message.protocol_slug, message.protocol_version
    protocol = Protocol.objects.select_related("device_kind").executable().filter(slug=slug, version=version).first()
    if protocol is None:
        raise InvalidInput(f"This site has no protocol {slug} version {version}; /api/v1/protocols/ lists them.")
    network = Network.objects.select_related("architecture").filter(name=message.model).first()
    if network is None:
        raise InvalidInput(f"This site has no model {message.model!r}: import it first, then submit the record again.")
    artifact = Artifact.objects.filter(sha256=message.artifact_sha256).first()
    return _Subject(network, protocol, artifact)


def _refuse(submission_pk: int, problems: list[str], *, at: datetime) -> bool:
    undecided = Submission.objects.exclude(state=SubmissionState.ACCEPTED).filter(pk=submission_pk)
    return bool(undecided.update(state=SubmissionState.REFUSED, problems=problems, settled_at=at))


def _store(
    submission: Submission, message: wire.SubmissionRequest, subject: _Subject, device: Device, *, at: datetime
) -> None:
    protocol = subject.protocol
    artifact_bytes = sum(file.size_bytes for file in message.artifact.files)
    values, statistics = values_of(message, terms_of(protocol, device.kind, artifact_bytes=artifact_bytes))
    configuration = configuration_for(
        protocol=protocol,
        engine=message.engine,
        device_kind=device.kind if protocol.needs_device_kind else None,
        dataset=subset_of(message.record),
    )
    submission.state, submission.settled_at, submission.problems = SubmissionState.ACCEPTED, at, []
    submission.device, submission.artifact = device, subject.artifact
    submission.environment, submission.statistics = message.environment, statistics
    submission.save(
        # What was sent never changes, so it is not written again.
        update_fields=["state", "settled_at", "problems", "device", "artifact", "environment", "statistics"]
    )
    results = Result.objects.bulk_create(
        Result(
            network=subject.network,
            configuration=configuration,
            origin=Origin.SUBMISSION,
            submission=submission,
            device=device,
            engine=message.engine,
            engine_release=message.engine_release,
            trust_tier=TrustTier.UNVETTED,
            is_simulated=device.kind.is_simulated,
            measured_at=min(message.finished_at, submission.created_at),
            created_at=at,
            updated_at=at,
            **_columns(value),
        )
        for value in values
    )
    refresh_submitted((r.network_id, r.metric, r.configuration_id) for r in results)


def _columns(value: Value) -> dict[str, object]:
    low, high = value.interval or (None, None)
    return {
        "metric": value.metric,
        "value": value.value,
        "evidence": value.evidence,
        "statistic": value.statistic,
        "interval_low": low,
        "interval_high": high,
        "n": value.n,
        "flags": value.flags,
    }
