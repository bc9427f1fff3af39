"""Interval of the median of all samples, by a cluster bootstrap over processes.

Samples of one process share its memory layout, its core and its frequency, so the independent observations are the
processes: only they are resampled. With about five of them the percentile interval is too short (about 85 % instead of
95 %), so the bootstrap gives the standard error and Student's t with K - 1 degrees of freedom gives the width.

Source: Kalibera and Jones, Rigorous benchmarking in reasonable time, ISMM 2013 (levels of variation);
Hesterberg, What teachers should know about the bootstrap, The American Statistician 69:4, 2015 (narrowness bias).
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runners.statistics.samples import Processes, Samples
from runners.statistics.student import two_sided_t

MIN_PROCESSES = 3
CONFIDENCE = 0.95
RESAMPLES = 1_000
MAX_POINTS = 10_000
"""Longer attempts stand by evenly spaced quantiles of each process, which bounds time and memory."""

_CHUNK = 64

Interval = tuple[float, float]


@dataclass(frozen=True)
class Estimate:
    """Median of all samples with its standard error on the logarithmic scale; what is stored to compare later."""

    median: float
    log_standard_error: float
    processes: int


def estimate(processes: Processes) -> Estimate | None:
    """None below three processes: two say nothing useful about the spread between processes."""
    count = len(processes)
    if count < MIN_PROCESSES:
        return None
    resampled = np.log(np.concatenate(list(_resampled_medians(processes))))
    # Resampling K values varies by (K - 1) / K too little, as a variance with divisor K does.
    error = float(resampled.std()) * math.sqrt(count / (count - 1))
    return Estimate(float(np.median(np.concatenate(processes))), error, count)


def interval(of: Estimate, *, confidence: float = CONFIDENCE) -> Interval:
    """Where the median of attempts like this one lies. Units: those of the samples."""
    width = two_sided_t(confidence, of.processes - 1) * of.log_standard_error
    return of.median * math.exp(-width), of.median * math.exp(width)


def ratio_interval(numerator: Estimate, denominator: Estimate, *, confidence: float = CONFIDENCE) -> Interval:
    """Interval of numerator / denominator of two independent measurements.

    Source: Welch, Biometrika 34, 1947: unequal variances; the degrees of freedom are rounded down.
    """
    ratio = numerator.median / denominator.median
    variances = numerator.log_standard_error**2, denominator.log_standard_error**2
    total = sum(variances)
    if total == 0:
        return ratio, ratio
    parts = (v**2 / (e.processes - 1) for v, e in zip(variances, (numerator, denominator), strict=True))
    spread = sum(parts)
    smallest = min(numerator.processes, denominator.processes) - 1
    freedom = max(smallest, math.floor(total**2 / spread)) if spread > 0 else smallest
    width = two_sided_t(confidence, freedom) * math.sqrt(total)
    return ratio * math.exp(-width), ratio * math.exp(width)


def is_beyond_noise(ratio: Interval, *, floor: float) -> bool:
    """Whether the whole interval of a ratio lies outside 1 +- `floor`, the configuration's own A/A difference."""
    low, high = ratio
    return low > 1 + floor or high < 1 / (1 + floor)


def _resampled_medians(processes: Processes) -> Iterator[Samples]:
    """Medians of RESAMPLES draws of K processes with replacement; the same samples give the same draws."""
    count = len(processes)
    generator = np.random.default_rng(_seed(processes))
    draws = generator.multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    # Five processes have only 126 distinct draws, so each median is computed once.
    distinct, repeats = np.unique(draws, axis=0, return_counts=True)
    values, owners, weights = _weighted_points(processes)
    for start in range(0, len(distinct), _CHUNK):
        chunk = distinct[start : start + _CHUNK]
        cumulative = np.cumsum(chunk[:, owners] * weights, axis=1)
        middle = np.argmax(cumulative >= cumulative[:, -1:] / 2, axis=1)
        yield np.repeat(values[middle], repeats[start : start + _CHUNK])


def _weighted_points(processes: Processes) -> tuple[Samples, NDArray[np.intp], Samples]:
    """Points in ascending order, the process of each, and how many samples each stands for."""
    limit = max(1, MAX_POINTS // len(processes))
    points = [_thinned(samples, limit) for samples in processes]
    values = np.concatenate(points)
    sizes = [len(p) for p in points]
    owners = np.repeat(np.arange(len(points)), sizes)
    weights = np.repeat([len(s) / size for s, size in zip(processes, sizes, strict=True)], sizes)
    order = np.argsort(values, kind="stable")
    return values[order], owners[order], weights[order]


def _thinned(samples: Samples, limit: int) -> Samples:
    if len(samples) <= limit:
        return samples
    return np.quantile(samples, (np.arange(limit) + 0.5) / limit)


def _seed(processes: Processes) -> int:
    digest = hashlib.sha256()
    for samples in processes:
        digest.update(np.ascontiguousarray(samples, dtype="<f8").tobytes())
    return int.from_bytes(digest.digest()[:8], "little")
