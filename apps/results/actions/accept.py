"""From an uploaded result to values on the board."""

from datetime import datetime
from decimal import InvalidOperation
from typing import Any

from django.db import DataError, transaction

from apps.catalog.actions import configuration_for
from apps.catalog.datasets import is_standard, standard_datasets
from apps.catalog.models import Configuration, DeviceKind, Protocol
from apps.catalog.models.device_kind import Category
from apps.results import accuracy
from apps.results.acceptance import find_problems
from apps.results.actions.board import refresh_cells
from apps.results.actions.claim import claim_samples
from apps.results.models import Measurement, Origin, Result, Samples
from apps.results.values import Terms, Value, values_of
from apps.runs.actions.outcomes import settle_attempt
from apps.runs.models import Attempt, AttemptState, Run, Upload
from runners import wire


def accept_attempt(*, attempt_id: int, at: datetime) -> bool:
    """Validate a submitted result and store its values, or refuse it with reasons. False when that was done before."""
    try:
        return _accept(attempt_id=attempt_id, at=at)
    except (DataError, InvalidOperation) as exc:
        # Numbers beyond the columns, NUL in text: no sentence of our checks covers all that an agent may say.
        problem = f"The site cannot store these values ({type(exc).__name__}): send plain text and plausible numbers."
        return settle_attempt(attempt_id=attempt_id, problems=[problem], at=at)


@transaction.atomic
def _accept(*, attempt_id: int, at: datetime) -> bool:
    # The run is locked first, as every other action does: two orders would be a deadlock.
    Run.objects.select_for_update(of=("self",)).get(attempts=attempt_id)
    attempt = Attempt.objects.select_related(
        "run__network__architecture",
        "run__protocol__device_kind",
        "run__artifact",
        "run__device_kind",
        "agent",
        "device__kind__simulates",
        "device_kind",
    ).get(pk=attempt_id)
    if attempt.state != AttemptState.SUBMITTED:
        return False
    message = wire.ResultRequest.model_validate(Upload.objects.get(attempt=attempt).json())
    problems = find_problems(attempt, message) or claim_samples(message.record, attempt=attempt)
    if not settle_attempt(attempt_id=attempt.pk, problems=problems, at=at):
        return False
    if not problems:
        _store(attempt, message, at=at)
    return True


def _store(attempt: Attempt, message: wire.ResultRequest, *, at: datetime) -> None:
    run = attempt.run
    assert run.artifact is not None
    terms = terms_of(run.protocol, attempt.device.kind, artifact_bytes=run.artifact.size_bytes)
    values, statistics = values_of(message, terms)
    Measurement.objects.create(
        attempt=attempt,
        artifact=run.artifact,
        engine_release=message.engine_release,
        runner_version=message.runner_version,
        started_at=message.started_at,
        finished_at=message.finished_at,
        environment=message.environment,
        statistics=statistics,
    )
    if samples := samples_of(message.record):
        entries, count = samples
        Samples.objects.create(attempt=attempt, data=Samples.pack(entries), count=count)
    configuration = configuration_for(
        protocol=run.protocol,
        engine=run.engine,
        device_kind=attempt.device.kind if run.protocol.needs_device_kind else None,
        dataset=subset_of(message.record),
    )
    results = [_result(attempt, message, value, configuration, at=at) for value in values]
    Result.objects.bulk_create(results)
    refresh_cells((r.network_id, r.metric, r.configuration_id) for r in results)


def terms_of(protocol: Protocol, kind: DeviceKind, *, artifact_bytes: int) -> Terms:
    """What the values of a record depend on beside the record."""
    is_phone = kind.category == Category.PHONE
    return Terms(
        metrics=protocol.metrics,
        threads=protocol.threads or 1,
        processes=protocol.processes,
        repeats=protocol.repeats,
        is_host_timed=kind.category == Category.CPU,
        # On a computer an engine that loads the artifact as it is adds nothing to what `complexity-224` counts.
        artifact_bytes=artifact_bytes if is_phone else None,
    )


def samples_of(record: wire.Record) -> tuple[list[dict[str, Any]], int] | None:
    """What is kept raw, as `Samples.unpack` gives it again, and how many samples that is; None for a count."""
    if isinstance(record, wire.LatencyRecord):
        processes = [process.model_dump(mode="json") for process in record.processes]
        return processes, sum(len(process.wall_ns) for process in record.processes)
    if isinstance(record, wire.AccuracyRecord):
        return [record.model_dump(include={"labels", "predicted", "ranks"})], len(record.ranks)
    return None


def subset_of(record: wire.Record) -> str:
    """The name of the images in a configuration; empty where the whole of the task's standard dataset was read."""
    if not isinstance(record, wire.AccuracyRecord):
        return ""
    dataset = record.dataset
    is_whole = not record.unreadable and is_standard(dataset.model_dump(), standard_datasets())
    return "" if is_whole else accuracy.subset_name(dataset)


def _result(
    attempt: Attempt, message: wire.ResultRequest, value: Value, configuration: Configuration, *, at: datetime
) -> Result:
    return Result(
        network=attempt.run.network,
        metric=value.metric,
        configuration=configuration,
        origin=Origin.RUN,
        attempt=attempt,
        device=attempt.device,
        value=value.value,
        evidence=value.evidence,
        statistic=value.statistic,
        interval_low=value.interval[0] if value.interval else None,
        interval_high=value.interval[1] if value.interval else None,
        n=value.n,
        flags=value.flags,
        engine=attempt.run.engine,
        engine_release=message.engine_release,
        trust_tier=attempt.agent.trust_tier,
        is_simulated=attempt.device.kind.is_simulated,
        # An agent whose clock is ahead must not stay the newest for ever.
        measured_at=min(message.finished_at, attempt.ended_at or at),
        created_at=at,
        updated_at=at,
    )
