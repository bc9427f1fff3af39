"""Whether an uploaded result may stand: what it says against what was ordered and against physics."""

from apps.catalog.artifacts import executed_precision
from apps.catalog.datasets import standard_datasets
from apps.catalog.models import DeviceKind, Protocol
from apps.catalog.models.device_kind import Category
from apps.catalog.models.protocol import ProtocolKind
from apps.fleet.models import STUB_ENGINE
from apps.fleet.recognition import cpu_mismatch, first_mismatch
from apps.results.accuracy import record_problems
from apps.results.counting import count_problems, site_counts
from apps.results.lease_times import start_problems, time_problems
from apps.runs.models import Attempt
from runners import wire
from runners.statistics.counts import counts_of, find_few_invocations, find_few_samples, find_many_invocations
from runners.statistics.invocations import invocation_problems
from runners.statistics.summarise import problems as latency_problems
from runners.tools import evidence
from runners.tools.setting import Setting

SUMMARISING_ENGINES = {"trtexec"}
"""Programs that execute on a computer; on a phone every engine is one."""


def find_problems(attempt: Attempt, message: wire.ResultRequest) -> list[str]:
    """Why the result is refused, in sentences for the agent's owner; empty when nothing speaks against it.

    Wants `attempt` with run, protocol, network, architecture, artifact, device and kind loaded. A consistent lie
    passes.
    """
    problems = [*_order_problems(attempt, message), *_kind_problems(attempt)]
    problems += environment_problems(message, attempt.device.kind)
    if isinstance(message.record, wire.LatencyRecord | wire.SummaryRecord):
        problems += _latency_problems(attempt, message, message.record)
    if isinstance(message.record, wire.ComplexityRecord):
        problems += _complexity_problems(attempt, message.record)
    if isinstance(message.record, wire.AccuracyRecord):
        problems += _accuracy_problems(attempt, message.record)
    return problems


def _order_problems(attempt: Attempt, message: wire.ResultRequest) -> list[str]:
    run = attempt.run
    ordered = {
        "model": run.network.name,
        "protocol_slug": run.protocol.slug,
        "protocol_version": run.protocol.version,
        "engine": run.engine,
        "device_fingerprint": attempt.device.fingerprint,
        "artifact_sha256": run.artifact.sha256 if run.artifact else None,
    }
    problems = [
        f"{field} is {getattr(message, field)!r}, ordered was {value!r}."
        for field, value in ordered.items()
        if getattr(message, field) != value
    ]
    if not answers(message.record, run.protocol):
        problems.append(f"The record is about {message.record.kind}, ordered was {run.protocol.kind}.")
    return problems + time_problems(attempt, message)


def answers(record: wire.Record, protocol: Protocol) -> bool:
    """Whether a record is about what its protocol measures; a latency may be a benchmark program's summary."""
    kind = ProtocolKind.LATENCY if isinstance(record, wire.SummaryRecord) else record.kind
    return kind == protocol.kind


def _kind_problems(attempt: Attempt) -> list[str]:
    """A device may have become another kind since it got the run: other facts, or other hardware under its name."""
    run, kind = attempt.run, attempt.device.kind
    problems = []
    if kind != attempt.device_kind:
        problems.append(f"The device was offered as {attempt.device_kind.title}, and is {kind.title} now.")
    if run.device_kind and kind != run.device_kind:
        problems.append(f"It was measured on {kind.title}, ordered was {run.device_kind.title}.")
    if problem := bound_kind_problem(run.protocol, kind):
        problems.append(problem)
    if run.engine == STUB_ENGINE and not kind.is_simulated:
        problems.append("The stub engine measures nothing: offer it on a simulated device only.")
    return problems


def bound_kind_problem(protocol: Protocol, kind: DeviceKind) -> str | None:
    """Why a kind may not measure under a protocol that is for one kind; its simulators may."""
    if protocol.device_kind_id in (None, kind.pk, kind.simulates_id):
        return None
    assert protocol.device_kind is not None
    return f"{protocol} is for {protocol.device_kind.title}, measured was {kind.title}."


def environment_problems(message: wire.Measured, kind: DeviceKind) -> list[str]:
    """What a device said of itself while it was measured must be what its kind is recognised by."""
    said = message.environment.get(kind.category)
    real = kind.simulates or kind
    if not isinstance(said, dict):
        return []
    mismatch = first_mismatch(said, real.facts.get("recognised_by", {}), may_be_missing=True)
    if mismatch is None and kind.category == Category.CPU:
        mismatch = cpu_mismatch(said, real.title)
    return [f"It was not measured on a {real.title}: {mismatch}"] if mismatch else []


def _latency_problems(
    attempt: Attempt,
    message: wire.ResultRequest,
    record: wire.LatencyRecord | wire.SummaryRecord,
) -> list[str]:
    protocol, artifact = attempt.run.protocol, attempt.run.artifact
    precision = artifact.precision if artifact else protocol.precision
    known = site_counts(attempt.run.network.architecture)
    problems = _count_problems(record, protocol)
    if isinstance(record, wire.SummaryRecord):
        problems += _summary_problems(message, attempt.device.kind)
    return problems + timing_problems(
        message,
        record,
        protocol=protocol,
        kind=attempt.device.kind,
        precision=precision,
        macs=known.macs if known else None,
    )


def _complexity_problems(attempt: Attempt, record: wire.ComplexityRecord) -> list[str]:
    artifact = attempt.run.artifact
    assert artifact is not None, "an attempt has an artifact"
    sizes = [file.size_bytes for file in artifact.files.all()]
    return count_problems(
        record,
        architecture=attempt.run.network.architecture,
        artifact=artifact,
        sizes_bytes={sum(sizes), *sizes},
    )


def timing_problems(
    message: wire.Measured,
    record: wire.LatencyRecord | wire.SummaryRecord,
    *,
    protocol: Protocol,
    kind: DeviceKind,
    precision: str,
    macs: int | None,
) -> list[str]:
    """What speaks against times, whoever ordered them, however many they are; `precision` is the artifact's."""
    threads, setting = protocol.threads or 1, _setting(protocol, kind, precision=precision)
    peak = peak_flops(kind, threads=threads, precision=executed_precision(precision, protocol))
    elapsed_s = (message.finished_at - message.started_at).total_seconds()
    if isinstance(record, wire.SummaryRecord):
        return [
            *start_problems(message, record),
            *evidence.compare(record, setting).contradictions,
            *invocation_problems(
                record, macs=macs, batch_size=protocol.batch_size, peak_flops=peak, elapsed_s=elapsed_s
            ),
        ]
    return [
        *start_problems(message, record),
        *evidence.compare_samples(record, setting),
        *latency_problems(
            record,
            macs=macs,
            batch_size=protocol.batch_size,
            peak_flops=peak,
            elapsed_s=elapsed_s,
            threads=threads,
            is_host_timed=kind.category == Category.CPU,
        ),
    ]


def _setting(protocol: Protocol, kind: DeviceKind, *, precision: str) -> Setting:
    """How the protocol has it measured, and on what; `precision` is the artifact's."""
    return Setting(
        wire.Protocol.model_validate(protocol.as_order()),
        artifact_precision=precision,
        gpu=(kind.simulates or kind).title if kind.category == Category.GPU else None,
    )


def _summary_problems(message: wire.Measured, kind: DeviceKind) -> list[str]:
    """Only a benchmark program keeps its samples to itself; an engine that the agent calls gives them."""
    if kind.category == Category.PHONE or message.engine in SUMMARISING_ENGINES:
        return []
    return [f"It is a summary, but {message.engine} on a {kind.category} gives samples: send all of them."]


def _count_problems(record: wire.LatencyRecord | wire.SummaryRecord, protocol: Protocol) -> list[str]:
    """What was ordered is measured whole; of a record that nobody ordered, less is marked and not refused."""
    counts = counts_of(record, processes=protocol.processes, repeats=protocol.repeats)
    found = [find_few_invocations(counts), find_many_invocations(counts), find_few_samples(counts)]
    return [problem for problem in found if problem]


def _accuracy_problems(attempt: Attempt, record: wire.AccuracyRecord) -> list[str]:
    problems = record_problems(record)
    if record.dataset.model_dump() != attempt.dataset:
        ordered = (attempt.dataset or {}).get("name")
        problems.append(f"It was measured on other images than those ordered: dataset {ordered}, as it was offered.")
    standard = standard_datasets().get(attempt.run.protocol.task)
    if standard is None or record.dataset.sha256 != standard.sha256:
        return problems
    stated, known = (record.dataset.images, record.dataset.classes), (standard.images, standard.classes)
    if stated != known:
        problems.append(f"The {standard.title} has {known[0]:,} images of {known[1]:,} classes.")
    return problems


def peak_flops(kind: DeviceKind, *, threads: int, precision: str) -> float | None:
    """Of so many threads, in FLOP/s; None where it is not known."""
    peak: float | None = kind.peak_flops.get(precision or "fp32")
    if peak is not None and kind.facts.get("peak_is_per") == "core":
        return peak * threads
    return peak
