"""Whether a record that was sent in may stand: what it says against the catalogue, itself and physics."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.catalog.artifacts import wanted_precision
from apps.catalog.datasets import standard_datasets
from apps.catalog.models import Artifact, DeviceKind, Network, Precision, Protocol
from apps.fleet.models import STUB_ENGINE
from apps.results.acceptance import (
    answers,
    bound_kind_problem,
    environment_problems,
    timing_problems,
)
from apps.results.accuracy import record_problems
from apps.results.counting import count_problems, site_counts
from runners import wire
from runners.statistics.stated_weights import accuracy_refusal

CLOCK_TOLERANCE = timedelta(days=1)
"""Nobody knows the clock of the machine it was measured on: it may be this far ahead."""


@dataclass(frozen=True)
class Claim:
    """A record beside what this site knows of its subject; `artifact` is None for one that it does not know."""

    message: wire.SubmissionRequest
    network: Network
    protocol: Protocol
    artifact: Artifact | None
    kind: DeviceKind
    received_at: datetime


def find_problems(claim: Claim) -> list[str]:
    """Why the record is refused, in sentences for its sender; empty when nothing speaks against it.

    A consistent lie passes, which is why no submission fills a cell of the board.
    """
    problems = [*_device_problems(claim), *_artifact_problems(claim), *_protocol_problems(claim)]
    problems += environment_problems(claim.message, claim.kind)
    record = claim.message.record
    if not answers(record, claim.protocol):
        return problems
    if isinstance(record, wire.ComplexityRecord):
        sizes = [file.size_bytes for file in claim.message.artifact.files]
        problems += count_problems(
            record,
            architecture=claim.network.architecture,
            artifact=claim.artifact,
            sizes_bytes={sum(sizes), *sizes},
        )
    if isinstance(record, wire.LatencyRecord | wire.SummaryRecord):
        known = site_counts(claim.network.architecture)
        problems += timing_problems(
            claim.message,
            record,
            protocol=claim.protocol,
            kind=claim.kind,
            precision=claim.message.artifact.precision,
            macs=known.macs if known else None,
        )
    if isinstance(record, wire.AccuracyRecord):
        problems += _accuracy_problems(claim, record)
    return problems


def _device_problems(claim: Claim) -> list[str]:
    message, problems = claim.message, []
    if message.device_fingerprint != message.device.fingerprint:
        problems.append("It names one device and describes another.")
    releases = {engine.name: engine.release for engine in message.device.engines}
    if releases.get(message.engine) != message.engine_release:
        problems.append(f"Its device does not offer {message.engine} {message.engine_release}.")
    if message.engine == STUB_ENGINE and not claim.kind.is_simulated:
        problems.append("The stub engine measures nothing: offer it on a simulated device only.")
    if claim.protocol.category and claim.protocol.category != claim.kind.category:
        problems.append(f"{claim.protocol} is for a {claim.protocol.category}, measured was a {claim.kind.category}.")
    elif problem := bound_kind_problem(claim.protocol, claim.kind):
        problems.append(problem)
    if message.finished_at > claim.received_at + CLOCK_TOLERANCE:
        problems.append("It was measured in the future: set the machine's clock with NTP.")
    return problems


def _artifact_problems(claim: Claim) -> list[str]:
    message, stated, problems = claim.message, claim.message.artifact, []
    sha256 = wire.manifest_sha256(format=stated.format, precision=stated.precision, files=stated.files)
    if not message.artifact_sha256 == stated.sha256 == sha256:
        problems.append(f"The manifest of its artifact has sha256 {sha256}, which is not the one that it names.")
    taken = _precisions(claim)
    if claim.protocol.kind != "complexity" and stated.precision not in taken:
        problems.append(
            f"{claim.network.name} under {claim.protocol} takes an artifact in {' or '.join(taken)}, "
            f"not in {stated.precision}."
        )
    if claim.artifact and not _belongs(claim.artifact, claim.network):
        problems.append(f"The artifact is of another model than {claim.network.name}.")
    return problems


def _precisions(claim: Claim) -> list[str]:
    """What would be sent for the run, or a file that its sender made FP16 beforehand."""
    wanted = wanted_precision(claim.network, claim.protocol)
    is_made_before = claim.protocol.precision == Precision.FP16 and wanted == Precision.FP32
    return [wanted, Precision.FP16.value] if is_made_before else [wanted]


def _belongs(artifact: Artifact, network: Network) -> bool:
    return artifact.architecture_id == network.architecture_id and artifact.network_id in (None, network.pk)


def _protocol_problems(claim: Claim) -> list[str]:
    message, protocol, problems = claim.message, claim.protocol, []
    if not answers(message.record, protocol):
        problems.append(f"The record is about {message.record.kind}, {protocol} is about {protocol.kind}.")
    if message.engine not in protocol.engines:
        problems.append(f"{protocol} is executed by {', '.join(protocol.engines)}, not by {message.engine}.")
    if protocol.task != claim.network.task:
        problems.append(f"{protocol} is about {protocol.task}, {claim.network.name} is for {claim.network.task}.")
    return problems


def _accuracy_problems(claim: Claim, record: wire.AccuracyRecord) -> list[str]:
    problems = record_problems(record)
    # Of a file that this site knows, its own word counts and not the sender's.
    kind = claim.artifact.weights_kind if claim.artifact else claim.message.artifact.weights_kind
    if refusal := accuracy_refusal(kind):
        problems.append(refusal)
    if record.dataset.task != claim.protocol.task:
        problems.append(f"Its images are for {record.dataset.task}, {claim.protocol} is about {claim.protocol.task}.")
    standard = standard_datasets().get(claim.protocol.task)
    if standard is None or record.dataset.sha256 != standard.sha256:
        return problems
    if (record.dataset.images, record.dataset.classes) != (standard.images, standard.classes):
        problems.append(f"The {standard.title} has {standard.images:,} images of {standard.classes:,} classes.")
    return problems
