"""What a record says, for a person at a terminal and as JSON for a program: the site's own statistics."""

from __future__ import annotations

from typing import Any

from runners import wire
from runners.accuracy import report as accuracy
from runners.statistics.counts import NOTHING_ASKED, counts_of
from runners.statistics.flags import Flag
from runners.statistics.invocations import InvocationSummary, summarise_invocations
from runners.statistics.summarise import Summary, logical_cores, summarise
from runners.tools import evidence

FEWEST_PROCESSES = 3
"""Below it there is no interval."""


def summary_of(
    record: wire.SubmissionRequest, *, threads: int, asked: wire.Protocol | None = None
) -> Summary | InvocationSummary | None:
    """Of a latency, as the site computes it; None for what is counted.

    `asked` is the protocol where the record may have fewer samples than it asks for, which is flagged then.
    """
    if not isinstance(record.record, wire.SummaryRecord | wire.LatencyRecord):
        return None
    counts = counts_of(record.record, processes=asked.processes, repeats=asked.repeats) if asked else NOTHING_ASKED
    if isinstance(record.record, wire.SummaryRecord):
        return summarise_invocations(record.record, counts=counts, unread=evidence.compare(record.record).unread)
    return summarise(
        record.record,
        threads=threads,
        is_host_timed=record.device.category == "cpu",
        logical_cores=logical_cores(record.environment),
        counts=counts,
    )


def as_json(
    record: wire.SubmissionRequest, *, file: str, threads: int, asked: wire.Protocol | None = None
) -> dict[str, Any]:
    """As `summary_of`, and what it is of.

    Units: as the keys say; `summary` is null and `counted` set where nothing is timed.
    """
    summary = summary_of(record, threads=threads, asked=asked)
    counted = record.record.model_dump() if isinstance(record.record, wire.ComplexityRecord) else None
    shares = (
        {"accuracy": accuracy.as_json(record.record, record.environment)}
        if isinstance(record.record, wire.AccuracyRecord)
        else {}
    )
    return {
        "record": file,
        "submission_id": record.submission_id,
        "model": record.model,
        "protocol": record.protocol_slug,
        "protocol_version": record.protocol_version,
        "engine": record.engine,
        "engine_release": record.engine_release,
        "device": record.device.kind_name,
        "artifact_sha256": record.artifact_sha256,
        "weights": record.artifact.weights,
        "summary": summary.as_json() if summary else None,
        "counted": counted,
        **shares,
    }


def table(record: wire.SubmissionRequest, *, threads: int) -> str:
    """One line for each thing that was found; a value that is missing says so."""
    found = lines(record, threads=threads)
    width = max(len(name) for name in found) + 2
    return "\n".join(f"{name:<{width}}{text}" for name, text in found.items())


def lines(record: wire.SubmissionRequest, *, threads: int) -> dict[str, str]:
    """What the table shows, in its order."""
    summary = summary_of(record, threads=threads)
    found = _summarised(summary) if isinstance(summary, InvocationSummary) else _found(record)
    if isinstance(summary, Summary):
        found = _timed(summary)
    return {
        "model": record.model,
        "protocol": f"{record.protocol_slug} version {record.protocol_version}",
        **found,
        "engine": f"{record.engine} {record.engine_release}",
        "artifact": record.artifact_sha256,
        "weights": record.artifact.weights,
        "machine": _machine(record),
    }


def _summarised(summary: InvocationSummary) -> dict[str, str]:
    means = " ".join(_ms(value) for value in summary.invocation_means_ms)
    shown = {
        "mean": f"{_ms(summary.value_ms)} ms, no interval: the program kept its samples",
        "statistic": summary.statistic,
        "min, max": f"{_ms(summary.min_ms)}, {_ms(summary.max_ms)} ms",
        "load": _time(summary.load_ms),
        "first inference": _time(summary.first_ms),
        "invocation means": f"{means} ms",
        "program": f"{summary.tool} {summary.tool_release}",
    }
    return shown | flag_lines(summary.flags)


def flag_lines(flags: list[Flag]) -> dict[str, str]:
    return {f"flag: {flag.key}": flag.detail for flag in flags} or {"flags": "none"}


def _timed(summary: Summary) -> dict[str, str]:
    medians = " ".join(_ms(value) for value in summary.process_medians_ms)
    shown = {
        "median": f"{_ms(summary.value_ms)} ms, {_interval(summary)}",
        "p10, p90, p99": ", ".join(_ms(value) for value in (summary.p10_ms, summary.p90_ms, summary.p99_ms)) + " ms",
        "min": _time(summary.min_ms),
        "CPU time, p10": _time(summary.cpu_p10_ms),
        "load": _time(summary.load_ms),
        "first inference": _time(summary.first_ms),
        "process medians": f"{medians} ms",
        "samples": f"{summary.n} of {summary.processes} processes, {summary.outliers} outliers",
        "mean of 30 after 10": _time(summary.document_mean_30_ms),
        "mean of 500 after 10": _time(summary.document_mean_500_ms),
    }
    if summary.device_ms is not None:
        shown["device time"] = _time(summary.device_ms)
    return shown | flag_lines(summary.flags)


def _interval(summary: Summary) -> str:
    if summary.interval_ms is None:
        return f"no interval below {FEWEST_PROCESSES} processes"
    low, high = summary.interval_ms
    return f"95 % interval {_ms(low)} to {_ms(high)} ms"


def _found(record: wire.SubmissionRequest) -> dict[str, str]:
    if isinstance(record.record, wire.AccuracyRecord):
        return accuracy.lines(record.record, record.environment)
    return _counted(record.record)


def _counted(record: wire.Record) -> dict[str, str]:
    if not isinstance(record, wire.ComplexityRecord):
        return {}
    return {
        "MACs": f"{record.macs / 1e6:.2f} M",
        "FLOPs, 2 × MACs": f"{2 * record.macs / 1e9:.3f} G",
        "FLOPs, document": f"{record.flops_paddle / 1e9:.3f} G",
        "parameters": f"{record.params / 1e6:.3f} M",
        "parameters, document": f"{record.params_paddle / 1e6:.3f} M",
        "storage": f"{record.storage_bytes:,} bytes",
    }


def _machine(record: wire.SubmissionRequest) -> str:
    facts = [record.device.kind_name, *(record.environment.get(key) for key in ("os", "kernel"))]
    simulated = ["simulated: measures nothing real"] if record.device.is_simulated else []
    return ", ".join(str(fact) for fact in (*facts, *simulated) if fact)


def _time(value_ms: float | None) -> str:
    return "missing" if value_ms is None else f"{_ms(value_ms)} ms"


def _ms(value: float | None) -> str:
    return "missing" if value is None else f"{value:.4g}"
