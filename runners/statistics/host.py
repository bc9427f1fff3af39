"""Whether somebody else used the machine, and whether processes disagree."""

from collections.abc import Sequence

import numpy as np

from runners.statistics.samples import Processes, medians

LOST_TIME = 0.1
"""A sample lost time when its wall time exceeds its CPU time by this share."""

MAX_LOST_SHARE = 0.1
MAX_STOLEN_CORES = 0.1
MAX_PROCESS_SPREAD = 0.05


def find_busy_host(wall: Processes, cpu: Processes, *, threads: int) -> str | None:
    """The inferences waited for a core in more than a tenth of the samples.

    CPU time of several threads adds up, so it is divided by their number; threads that idle look like waiting.
    """
    waited = np.concatenate(wall) * threads > np.concatenate(cpu) * (1 + LOST_TIME)
    share = float(waited.mean())
    if share <= MAX_LOST_SHARE:
        return None
    return (
        f"{share:.0%} of the samples waited for a core: their wall time is over {1 + LOST_TIME:.1f} x their CPU time."
    )


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


def find_process_spread(processes: Processes) -> str | None:
    """The medians of the fastest and the slowest process differ by more than a twentieth."""
    values = medians(processes)
    spread = float((values.max() - values.min()) / np.median(values))
    if spread <= MAX_PROCESS_SPREAD:
        return None
    return f"The processes' medians lie {spread:.1%} apart."
