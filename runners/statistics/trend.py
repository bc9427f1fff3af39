"""Trends: within a process (drift) and over the processes of an attempt (throttling)."""

import math

import numpy as np

from runners.statistics.samples import Processes, Samples, medians
from runners.statistics.student import two_sided_t

FALSE_ALARM = 0.01
DRIFT_MIN_PROCESSES = 3
DRIFT_MIN_SAMPLES = 9
DRIFT_MIN_CHANGE = 0.02
THROTTLING_MIN_CHANGE = 0.05


def find_drift(processes: Processes) -> str | None:
    """The last third of the processes is slower or faster than the first third, in all of them alike.

    Each process gives one ratio of medians, and Student's t over these says whether they point the same way: samples of
    one process may be correlated as they like, the processes are independent.
    """
    if len(processes) < DRIFT_MIN_PROCESSES or min(len(p) for p in processes) < DRIFT_MIN_SAMPLES:
        return None
    changes = np.array([_late_over_early(samples) for samples in processes])
    mean = float(changes.mean())
    error = float(changes.std(ddof=1)) / math.sqrt(len(changes))
    if abs(mean) < math.log1p(DRIFT_MIN_CHANGE) or abs(mean) <= two_sided_t(1 - FALSE_ALARM, len(changes) - 1) * error:
        return None
    return f"Within a process the last third takes {math.expm1(mean):+.1%} against the first third."


def find_throttling(processes: Processes) -> str | None:
    """Later processes are slower than earlier ones: Kendall's test of order over the process medians, one-sided.

    With five processes only a strict rise is rare enough (1 in 120), with fewer nothing is.
    """
    values = medians(processes)
    change = float(values[-1] / values[0]) - 1
    if change < THROTTLING_MIN_CHANGE or rise_probability(values) > FALSE_ALARM:
        return None
    return f"The processes slow down one after the other: the last takes {change:+.1%} against the first."


def rise_probability(values: Samples) -> float:
    """Chance that exchangeable values show at least as many rising pairs. Source: Kendall, Biometrika 30, 1938."""
    count = len(values)
    rising = int(np.triu(values[None, :] > values[:, None], 1).sum())
    pairs = count * (count - 1) // 2
    orders = _orders_by_inversions(count)
    return sum(orders[: pairs - rising + 1]) / math.factorial(count)


def _late_over_early(samples: Samples) -> float:
    third = len(samples) // 3
    return math.log(float(np.median(samples[-third:])) / float(np.median(samples[:third])))


def _orders_by_inversions(count: int) -> list[int]:
    """How many orders of `count` values have 0, 1, 2 ... falling pairs; one value more adds 0 to its place."""
    orders = [1]
    for size in range(2, count + 1):
        longer = [0] * (len(orders) + size - 1)
        for inversions, ways in enumerate(orders):
            for added in range(size):
                longer[inversions + added] += ways
        orders = longer
    return orders
