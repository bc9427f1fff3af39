"""The table of flags: what is odd about an attempt, said beside its value and never averaged away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runners.statistics.counts import NOTHING_ASKED, Counts, find_few_invocations, find_few_samples
from runners.statistics.device import find_hot_start, find_low_battery, find_throttled
from runners.statistics.host import (
    find_busy_host,
    find_busy_neighbours,
    find_core_sharing,
    find_overload,
    find_process_spread,
    find_steal,
)
from runners.statistics.modes import find_bimodality
from runners.statistics.outliers import find_outliers
from runners.statistics.samples import Processes
from runners.statistics.trend import find_drift, find_throttling, find_unfinished_warmup


@dataclass(frozen=True)
class Flag:
    """`key` is what filters and pages name; `detail` is a sentence with the numbers."""

    key: str
    detail: str


@dataclass(frozen=True)
class HostState:
    """What the agent said of its host. Empty or None where it did not say, and then nothing is flagged.

    Shapes: one entry per process. Units: seconds per second of the timed loop: `stolen_cores` by the hypervisor,
    `core_shares` by other programs on the cores measured on, `neighbour_cores` on the others.
    """

    load_averages: Sequence[float] = ()
    stolen_cores: Sequence[float] = ()
    core_shares: Sequence[float] = ()
    neighbour_cores: Sequence[float] = ()
    logical_cores: int | None = None


@dataclass(frozen=True)
class DeviceState:
    """What the agent said of a phone or a GPU. Empty where it did not say, and then nothing is flagged.

    Shapes: one entry per process that said it. Units: `warmer_by_c` in degrees above the temperature at rest.
    `low_clocks` are the clocks of processes that were throttled, in words.
    """

    is_throttled: Sequence[bool] = ()
    low_clocks: Sequence[str] = ()
    throttle_reasons: Sequence[Sequence[str]] = ()
    warmer_by_c: Sequence[float] = ()
    battery_percents: Sequence[float] = ()


@dataclass(frozen=True)
class Attempt:
    """What the flags look at.

    Shapes: `wall` and `cpu` hold one array per process; `cpu` is empty where CPU time says nothing. Units: ns.
    """

    wall: Processes
    cpu: Processes = ()
    threads: int = 1
    host: HostState = HostState()
    device: DeviceState = DeviceState()
    outputs: Sequence[bool] = ()
    """Of every process that said it: whether the logits were the same before and after the timed loop."""

    counts: Counts = NOTHING_ASKED
    unread: Sequence[str] = ()
    """Of every benchmark program whose output could not be read: the reason."""


def _busy_host(attempt: Attempt) -> str | None:
    host = attempt.host
    found = [
        find_busy_host(attempt.wall, attempt.cpu, threads=attempt.threads) if attempt.cpu else None,
        find_overload(host.load_averages, host.logical_cores) if host.logical_cores else None,
        find_core_sharing(host.core_shares),
        find_busy_neighbours(host.neighbour_cores, host.logical_cores - attempt.threads)
        if host.logical_cores
        else None,
        find_steal(host.stolen_cores),
    ]
    return " ".join(sentence for sentence in found if sentence) or None


def _unstable_output(attempt: Attempt) -> str | None:
    unstable = attempt.outputs.count(False)
    if not unstable:
        return None
    return f"{unstable} of {len(attempt.outputs)} processes gave other logits after the timed loop than before it."


def _unread_output(attempt: Attempt) -> str | None:
    if not attempt.unread:
        return None
    unread = f"{len(attempt.unread)} of {len(attempt.wall)} outputs"
    return f"The numbers of {unread} are as stated, nobody could read them there: {attempt.unread[0]}"


FLAGS: dict[str, Callable[[Attempt], str | None]] = {
    "warm-up": lambda attempt: find_unfinished_warmup(attempt.wall),
    "drift": lambda attempt: find_drift(attempt.wall),
    "throttling": lambda attempt: find_throttling(attempt.wall),
    "bimodal": lambda attempt: find_bimodality(attempt.wall),
    "outliers": lambda attempt: find_outliers(attempt.wall),
    "busy-host": _busy_host,
    "process-spread": lambda attempt: find_process_spread(attempt.wall),
    "throttled": lambda attempt: find_throttled(attempt.device.is_throttled, attempt.device.throttle_reasons),
    "hot-start": lambda attempt: find_hot_start(attempt.device.warmer_by_c),
    "low-battery": lambda attempt: find_low_battery(attempt.device.battery_percents),
    "unstable-output": _unstable_output,
    "few-invocations": lambda attempt: find_few_invocations(attempt.counts),
    "few-samples": lambda attempt: find_few_samples(attempt.counts),
    "unread-output": _unread_output,
}


def find_flags(attempt: Attempt) -> list[Flag]:
    """Every flag that applies, in the order of the table."""
    details = ((key, find(attempt)) for key, find in FLAGS.items())
    return [Flag(key, detail) for key, detail in details if detail is not None]
