"""Whether somebody else used the machine, and whether processes disagree."""

from collections.abc import Sequence

import numpy as np

from runners.statistics.samples import Processes, Samples, medians

LOST_TIME = 0.1
"""A sample lost time when its wall time exceeds its CPU time by this share."""

MAX_LOST_SHARE = 0.1
"""Of the samples of a process."""

MAX_LOST_TIME = 0.05
"""Of all samples of a process together, against their CPU time; on quiet machines it is 0 to 1.5 %."""

MAX_NEIGHBOURS = 0.5
"""Of the cores that are not measured on: with all of them in use, latencies were 3 to 5 % longer without waiting."""

MAX_CORE_SHARE = 0.1
MAX_STOLEN_CORES = 0.1
MAX_PROCESS_SPREAD = 0.05


def find_busy_host(wall: Processes, cpu: Processes, *, threads: int) -> str | None:
    """The inferences of one process at least waited for a core: a tenth of them, or a twentieth of their time.

    The time counts too, because a program that shares the core takes it for milliseconds at once: of inferences
    shorter than that, one in a hundred then holds the whole loss. The processes are judged one by one, as a burst that
    hits one of them is a few per cent of all samples.
    CPU time of several threads adds up, so it is divided by their number; threads that idle look like waiting.
    """
    of_each = [(_waiting_share(w * threads, c), _lost_share(w * threads, c)) for w, c in zip(wall, cpu, strict=True)]
    waiting, lost = (max(shares) for shares in zip(*of_each, strict=True))
    if waiting > MAX_LOST_SHARE:
        return f"{waiting:.0%} of a process' samples waited: wall time over {1 + LOST_TIME:.1f} x CPU time."
    if lost > MAX_LOST_TIME:
        return f"The samples of a process waited: all together their wall time is {1 + lost:.2f} x their CPU time."
    return None


def find_overload(load_averages: Sequence[float], logical_cores: int) -> str | None:
    """More programs wanted to run than the machine has cores. `load_averages` holds one per process."""
    highest = max(load_averages, default=0.0)
    if highest <= logical_cores:
        return None
    return f"The load average was {highest:.1f} on {logical_cores} cores."


def find_steal(stolen_cores: Sequence[float]) -> str | None:
    """A hypervisor gave the cores to others. `stolen_cores` is stolen seconds per second, of each process."""
    highest = max(stolen_cores, default=0.0)
    if highest <= MAX_STOLEN_CORES:
        return None
    return f"The hypervisor took {highest:.0%} of a core away."


def find_core_sharing(core_shares: Sequence[float]) -> str | None:
    """Others ran on the cores that were measured on. `core_shares` is their seconds per second, of each process."""
    highest = max(core_shares, default=0.0)
    if highest <= MAX_CORE_SHARE:
        return None
    return f"Other programs used {highest:.0%} of a core that was measured on."


def find_busy_neighbours(neighbour_cores: Sequence[float], neighbours: int) -> str | None:
    """Others kept most of the cores busy that were not measured on.

    `neighbour_cores` is what they used of those, in seconds per second, of each process.
    """
    highest = max(neighbour_cores, default=0.0)
    if neighbours < 1 or highest <= MAX_NEIGHBOURS * neighbours:
        return None
    return f"Other programs kept {highest:.1f} cores busy of {neighbours} beside those measured on."


def find_process_spread(processes: Processes) -> str | None:
    """The medians of the fastest and the slowest process differ by more than a twentieth."""
    values = medians(processes)
    spread = float((values.max() - values.min()) / np.median(values))
    if spread <= MAX_PROCESS_SPREAD:
        return None
    return f"The processes' medians lie {spread:.1%} apart."


def _waiting_share(wall: Samples, cpu: Samples) -> float:
    return float((wall > cpu * (1 + LOST_TIME)).mean())


def _lost_share(wall: Samples, cpu: Samples) -> float:
    """How much more wall time than CPU time all inferences together took; a coarse clock may show no CPU time."""
    return float(wall.sum() / max(cpu.sum(), 1.0)) - 1
