"""Trends: within a process (warm-up, drift) and over the processes of an attempt (throttling)."""

import math

import numpy as np

from runners.statistics.samples import Processes, Samples, medians
from runners.statistics.student import two_sided_t

FALSE_ALARM = 0.01
MIN_PROCESSES = 3
DRIFT_MIN_SAMPLES = 9
DRIFT_MIN_CHANGE = 0.02
WARMUP_MIN_SAMPLES = 30
WARMUP_MIN_CHANGE = 0.05
"""Fast networks are 2 to 3 % slower in the first 0.1 s on ordinary machines, which moves the median by 0.1 to 0.2 %."""
THROTTLING_MIN_CHANGE = 0.05


def find_unfinished_warmup(processes: Processes) -> str | None:
    """The first tenth of the processes' samples is slower than their second half: the steady state came later.

    Source: Barrett et al., Virtual machine warmup blows hot and cold, OOPSLA 2017: that a steady state has begun is to
    be seen in the samples, not assumed after a number of inferences.
    """
    if len(processes) < MIN_PROCESSES or min(len(p) for p in processes) < WARMUP_MIN_SAMPLES:
        return None
    changes = np.array([_ratio(samples[: len(samples) // 10], samples[len(samples) // 2 :]) for samples in processes])
    mean = float(changes.mean())
    # One-sided: samples that become slower are a drift.
    if mean < math.log1p(WARMUP_MIN_CHANGE) or mean <= _noise(changes, confidence=1 - 2 * FALSE_ALARM):
        return None
    return f"The first tenth of a process takes {math.expm1(mean):+.1%} against its second half."


def find_drift(processes: Processes) -> str | None:
    """The last third of the processes is slower or faster than the first third, in all of them alike.

    Each process gives one ratio of medians, and Student's t over these says whether they point the same way: samples of
    one process may be correlated as they like, the processes are independent.
    """
    if len(processes) < MIN_PROCESSES or min(len(p) for p in processes) < DRIFT_MIN_SAMPLES:
        return None
    changes = np.array([_ratio(samples[-(len(samples) // 3) :], samples[: len(samples) // 3]) for samples in processes])
    mean = float(changes.mean())
    if abs(mean) < math.log1p(DRIFT_MIN_CHANGE) or abs(mean) <= _noise(changes, confidence=1 - FALSE_ALARM):
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


def _ratio(numerator: Samples, denominator: Samples) -> float:
    """Logarithm of the ratio of two medians."""
    return math.log(float(np.median(numerator)) / float(np.median(denominator)))


def _noise(changes: Samples, *, confidence: float) -> float:
    """What the mean of as many independent changes stays below with this confidence where there is none."""
    error = float(changes.std(ddof=1)) / math.sqrt(len(changes))
    return two_sided_t(confidence, len(changes) - 1) * error


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
