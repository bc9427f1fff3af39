"""Whether a latency record can be true: physics, arithmetic and the clock. A consistent lie passes."""

import math
from collections.abc import Sequence

import numpy as np

from runners.statistics.samples import Processes

STATED_TOLERANCE_NS = 1.0
CPU_TOLERANCE = 1.2
"""CPU time above wall time times threads that is put down to the engine's helper threads."""

MIN_CPU_SHARE = 0.01
"""Of the wall time. Even a host with a hundred times more work than cores gives a process more than that."""

CLOCK_COST_NS = 5_000
"""CPU time that reading the clocks may add to a sample: visible only in networks of some microseconds."""

CONSTANT_MIN_SAMPLES = 100
FLOPS_PER_MAC = 2


def latency_floor_ms(macs: int, batch_size: int, peak_flops: float) -> float:
    """Time that the multiply-accumulates alone take at the device kind's peak.

    Units: `macs` of one image, `peak_flops` in FLOP/s (two FLOPs per multiply-accumulate).
    """
    return FLOPS_PER_MAC * macs * batch_size / peak_flops * 1e3


def check_floor(median_ns: float, *, macs: int, batch_size: int, peak_flops: float) -> str | None:
    floor_ms = latency_floor_ms(macs, batch_size, peak_flops)
    if median_ns >= floor_ms * 1e6:
        return None
    return (
        f"The median of {median_ns / 1e6:.4g} ms is below {floor_ms:.4g} ms, which {macs:,} MACs x batch {batch_size} "
        f"take at the device kind's peak of {peak_flops:.3g} FLOP/s. Check the network, the batch size and the kind."
    )


def check_stated_median(stated_ns: float, processes: Processes) -> str | None:
    """The stated median must be that of the samples that came with it."""
    median_ns = float(np.median(np.concatenate(processes)))
    if abs(stated_ns - median_ns) <= STATED_TOLERANCE_NS:
        return None
    return f"The stated median is {stated_ns:.0f} ns, that of the samples {median_ns:.0f} ns. Send all samples."


def check_stated_mean(stated_ns: float, means_ns: Sequence[float]) -> str | None:
    """The stated value of several invocations must be the median of their means."""
    median_ns = float(np.median(means_ns))
    if abs(stated_ns - median_ns) <= STATED_TOLERANCE_NS:
        return None
    return f"The stated mean is {stated_ns:.0f} ns, the median of the invocations' means {median_ns:.0f} ns. Send all."


def check_samples(wall: Processes, cpu: Processes, *, threads: int) -> list[str]:
    """What no clock and no machine can have measured. `cpu` has an empty array where CPU time is missing."""
    problems = []
    for number, (wall_ns, cpu_ns) in enumerate(zip(wall, cpu, strict=True), start=1):
        if not np.isfinite(wall_ns).all() or (wall_ns <= 0).any():
            problems.append(f"Process {number} has wall times that are not positive numbers.")
        elif len(cpu_ns) not in (0, len(wall_ns)):
            problems.append(f"Process {number} has {len(wall_ns)} wall times but {len(cpu_ns)} CPU times.")
        elif cpu_ns.sum() > (wall_ns * threads * CPU_TOLERANCE + CLOCK_COST_NS).sum():
            ratio = float(cpu_ns.sum() / wall_ns.sum())
            problems.append(f"Process {number} used {ratio:.1f} cores; its protocol allows {threads}.")
        elif len(cpu_ns) and cpu_ns.sum() < wall_ns.sum() * MIN_CPU_SHARE:
            problems.append(f"Process {number} says it used no CPU time; a network on a CPU does.")
        elif len(wall_ns) >= CONSTANT_MIN_SAMPLES and np.ptp(wall_ns) == 0:
            problems.append(f"Process {number} took exactly {wall_ns[0]:.0f} ns {len(wall_ns)} times.")
    return problems


def check_duration(total_ns: float, elapsed_s: float) -> str | None:
    """Processes run one after the other, so all they did must fit between start and finish of the attempt."""
    total_s = total_ns / 1e9
    if math.isfinite(total_s) and total_s <= elapsed_s:
        return None
    return f"Loading and inferences add up to {total_s:.3f} s, but the attempt took {elapsed_s:.3f} s."
