"""From what programs printed to the record that a site takes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from statistics import median

from runners import wire
from runners.privacy import public
from runners.statistics.facts import NOT_MEASURED
from runners.tools.base import Samples, Summary
from runners.tools.reading import Reading

LONGEST_EVIDENCE = 20_000
UNKNOWN_SHA256 = "0" * 64
"""Of logits that nobody saw."""

NEVER_EXPORTED = ("first_ns", "cpu_ns", "output_sha256")


def tool_summary(
    summary: Summary, *, output: str, started_at: datetime, facts: wire.Facts | None = None
) -> wire.ToolSummary:
    """One invocation, with the state of the device around it as `facts`.

    A mean or median of few digits may lie outside extremes of more: it then is the nearest that they allow.
    """
    return wire.ToolSummary(
        runs=summary.runs,
        warmup=summary.warmup,
        mean_ns=_between(summary.mean, summary),
        median_ns=None if summary.median is None else _between(summary.median, summary),
        min_ns=_ns(summary.min),
        max_ns=_ns(summary.max),
        standard_deviation_ns=_ns(summary.standard_deviation),
        init_ns=_ns(summary.init),
        first_ns=_ns(summary.first),
        started_at=started_at,
        output=evidence(output, summary),
        facts=summary.facts | (facts or {}),
    )


def process_samples(samples: Samples, *, started_at: datetime, facts: wire.Facts | None = None) -> wire.ProcessSamples:
    """One invocation; what an export does not have is named in the fact `not_measured`."""
    missing = [*NEVER_EXPORTED, *(["load_ns"] if samples.init is None else [])]
    return wire.ProcessSamples(
        load_ns=0 if samples.init is None else round(samples.init.ns),
        first_ns=0,
        warmup_wall_ns=[],
        wall_ns=list(samples.wall_ns),
        cpu_ns=[],
        device_ns=list(samples.device_ns),
        started_at=started_at,
        facts=samples.facts | {NOT_MEASURED: missing, "warmup": samples.warmup} | (facts or {}),
    )


def summary_record(
    invocations: Sequence[wire.ToolSummary],
    *,
    tool: str,
    tool_release: str,
    executed_files: Sequence[wire.ArtifactFile] = (),
) -> wire.SummaryRecord:
    """The value is the median of the invocations' means."""
    return wire.SummaryRecord(
        tool=tool,
        tool_release=tool_release,
        invocations=list(invocations),
        stated_mean_ns=median(each.mean_ns for each in invocations),
        executed_files=list(executed_files),
    )


def latency_record(processes: Sequence[wire.ProcessSamples]) -> wire.LatencyRecord:
    """The value is the median of all samples; of the outputs nothing is known."""
    return wire.LatencyRecord(
        processes=list(processes),
        stated_median_ns=float(median(ns for process in processes for ns in process.wall_ns)),
        output_sha256=UNKNOWN_SHA256,
    )


def evidence(output: str, summary: Summary) -> str:
    """The whole output; of one that is too long the lines that were read, and the sha256 of the whole.

    With each goes the line before it, which may be the heading that says its unit. A NUL, which no database takes in a
    text, becomes the sign for what cannot be shown. Everyone may read it, so it names no folder of this host.
    """
    return public(_told(output, summary).replace("\0", "\ufffd"))[:LONGEST_EVIDENCE]


def _told(output: str, summary: Summary) -> str:
    if len(output) <= LONGEST_EVIDENCE:
        return output
    lines, read = output.splitlines(), {*summary.lines, *(reading.line for reading in _readings(summary))}
    kept = [line for i, line in enumerate(lines) if line in read or not read.isdisjoint(lines[i + 1 : i + 2])]
    digest = hashlib.sha256(output.encode(errors="replace")).hexdigest()
    heading = f"[the lines that were read of {len(output)} characters with sha256 {digest}]"
    return "\n".join([heading, *kept, ""])


def _between(reading: Reading, summary: Summary) -> float:
    low_ns = reading.ns if summary.min is None else summary.min.ns
    high_ns = reading.ns if summary.max is None else summary.max.ns
    return min(max(reading.ns, low_ns), high_ns)


def _readings(summary: Summary) -> list[Reading]:
    found = (
        summary.init,
        summary.first,
        summary.mean,
        summary.median,
        summary.min,
        summary.max,
        summary.standard_deviation,
    )
    return [reading for reading in found if reading is not None]


def _ns(reading: Reading | None) -> float | None:
    return None if reading is None else reading.ns
