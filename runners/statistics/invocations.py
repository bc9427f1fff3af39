"""From the summaries of a benchmark program to everything that is stored and shown of them: no interval can follow."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np

from runners.statistics import plausibility
from runners.statistics.counts import NOTHING_ASKED, Counts
from runners.statistics.device import check_not_always_throttled
from runners.statistics.facts import device_state
from runners.statistics.flags import Attempt, Flag, find_flags
from runners.wire import SummaryRecord, ToolSummary

NS_PER_MS = 1e6


@dataclass(frozen=True)
class InvocationSummary:
    """Units: all times in ms; None for what no invocation said.

    `value_ms` is the median of the invocations' means. `runs` are the timed inferences of all of them together.
    """

    value_ms: float
    tool: str
    tool_release: str
    runs: int
    invocations: int
    invocation_means_ms: list[float]
    min_ms: float | None
    max_ms: float | None
    load_ms: float | None
    first_ms: float | None
    statistic: str
    flags: list[Flag]

    def as_json(self) -> dict[str, Any]:
        """JSON scalars, lists and objects only."""
        return asdict(self)


def summarise_invocations(
    record: SummaryRecord, *, counts: Counts = NOTHING_ASKED, unread: Sequence[str] = ()
) -> InvocationSummary:
    """What the invocations say together, and what is odd about them.

    `unread` says why of every output that could not be read.
    """
    said = record.invocations
    means_ms = [each.mean_ns / NS_PER_MS for each in said]
    lowest, highest = _known(said, "min_ns"), _known(said, "max_ns")
    return InvocationSummary(
        value_ms=median(means_ms),
        tool=record.tool,
        tool_release=record.tool_release,
        runs=sum(each.runs for each in said),
        invocations=len(said),
        invocation_means_ms=means_ms,
        min_ms=min(lowest) / NS_PER_MS if lowest else None,
        max_ms=max(highest) / NS_PER_MS if highest else None,
        load_ms=_median_ms(said, "init_ns"),
        first_ms=_median_ms(said, "first_ns"),
        statistic=_statistic(said),
        flags=_flags(record, counts, unread),
    )


def invocation_problems(
    record: SummaryRecord, *, macs: int | None, batch_size: int, peak_flops: float | None, elapsed_s: float
) -> list[str]:
    """Why the record cannot be true, in sentences for its sender; empty when nothing speaks against it.

    Units: `macs` of one image, None where the graph was not counted; `peak_flops` in FLOP/s, None where unknown.
    """
    found = [plausibility.check_stated_mean(record.stated_mean_ns, [each.mean_ns for each in record.invocations])]
    found += [_order_problem(number, each) for number, each in enumerate(record.invocations, start=1)]
    found.append(plausibility.check_duration(sum(_least_ns(each) for each in record.invocations), elapsed_s))
    if macs is not None and peak_flops is not None:
        value_ns = median(each.mean_ns for each in record.invocations)
        found.append(plausibility.check_floor(value_ns, macs=macs, batch_size=batch_size, peak_flops=peak_flops))
    device = device_state([each.facts for each in record.invocations])
    found.append(check_not_always_throttled(device.is_throttled, device.low_clocks, len(record.invocations)))
    return [problem for problem in found if problem is not None]


def _order_problem(number: int, said: ToolSummary) -> str | None:
    """The mean and the median lie between the minimum and the maximum, as far as these are there."""
    for name, value_ns in (("mean", said.mean_ns), ("median", said.median_ns)):
        if value_ns is None:
            continue
        low = value_ns if said.min_ns is None else said.min_ns
        high = value_ns if said.max_ns is None else said.max_ns
        if not low - plausibility.STATED_TOLERANCE_NS <= value_ns <= high + plausibility.STATED_TOLERANCE_NS:
            times = f"minimum {low:.0f} ns, {name} {value_ns:.0f} ns, maximum {high:.0f} ns"
            return f"Invocation {number} says {times}: read its output again."
    return None


def _least_ns(said: ToolSummary) -> float:
    """What the invocation took at least; how long its warm-ups took nobody says."""
    return (said.init_ns or 0.0) + (said.first_ns or 0.0) + said.mean_ns * said.runs


def _statistic(said: list[ToolSummary]) -> str:
    """ "mean of 100 after 10, median of 5 invocations"; the fewest of each where they differ."""
    runs, warmup = min(each.runs for each in said), min(each.warmup for each in said)
    exactly = "" if len({(each.runs, each.warmup) for each in said}) == 1 else "at least "
    over = f", median of {len(said)} invocations" if len(said) > 1 else ""
    return f"mean of {exactly}{runs} after {warmup}{over}"


def _flags(record: SummaryRecord, counts: Counts, unread: Sequence[str]) -> list[Flag]:
    """Each mean stands for its invocation: whether they rise or differ shows, what happened within one does not."""
    means = [np.array([each.mean_ns]) for each in record.invocations]
    device = device_state([each.facts for each in record.invocations])
    return find_flags(Attempt(means, device=device, counts=counts, unread=unread))


def _known(said: list[ToolSummary], field: str) -> list[float]:
    return [value for each in said if (value := getattr(each, field)) is not None]


def _median_ms(said: list[ToolSummary], field: str) -> float | None:
    known = _known(said, field)
    return median(known) / NS_PER_MS if known else None
