"""What the processes of a latency attempt say together."""

from __future__ import annotations

import statistics
from itertools import chain

from runners.conversion import Conversion
from runners.orders import MeasuredProcess
from runners.supervise import AttemptFailed
from runners.wire import FailureKind, LatencyRecord


def engine_release(processes: list[MeasuredProcess]) -> str:
    releases = sorted({each.engine_release for each in processes})
    if len(releases) > 1:
        reason = f"The engine was replaced during the attempt: {' and '.join(releases)}. It must be measured anew."
        raise AttemptFailed(FailureKind.INFRASTRUCTURE, reason)
    return releases[0]


def is_output_stable(processes: list[MeasuredProcess]) -> bool:
    """Whether every process computed the same bits, at its first and at its last inference."""
    return len({each.output_sha256 for each in processes}) == 1 and all(
        each.samples.facts["is_output_stable"] for each in processes
    )


def latency_record(processes: list[MeasuredProcess], converted: Conversion | None) -> LatencyRecord:
    samples = [each.samples for each in processes]
    return LatencyRecord(
        processes=samples,
        stated_median_ns=statistics.median(chain.from_iterable(each.wall_ns for each in samples)),
        output_sha256=processes[0].output_sha256,
        executed_files=converted.files if converted else [],
    )
