"""Where a series of measured values changes its level, judged by the spread of the series itself.

The series is looked at as it came about, value by value. After each one, every split of the values since the last
change is tried: the Mann-Whitney statistic says how far the later values stand above or below the earlier ones, in
units of what chance does to the order of equal things. When the largest of these statistics passes `LIMIT`, the
change is where the values fit two levels best, and the series begins anew with the first value after it. A change that
was found once is found again however many values follow.

Whether there is a change depends on the order of the values, so that one far off weighs no more than the next one, and
no scale, no distribution and no percentage is assumed.

Source: Hawkins and Deng, A nonparametric change-point control chart, Journal of Quality Technology 42(2), 2010; Ross,
Tasoulis and Adams, Nonparametric monitoring of data streams for changes in location and scale, Technometrics 53(4),
2011. Ties: Lehmann, Nonparametrics, 1975. What the dependence of neighbours does to a mean: Bayley and Hammersley, The
"effective" number of independent observations in an autocorrelated time series, 1946.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from apps.compare.differences import difference
from apps.compare.pareto import Direction

LIMIT = 3.6
"""Of the statistic. How often chance passes it is simulated in the tests and told in docs/statistics.md."""

FEWEST_AFTER = math.floor(LIMIT**2 / 3) + 1
"""5: of m values after it the statistic is below the root of 3 m, however many came before and however far they lie.

So neither a value far off nor a few of them in a row are a change.
"""

FEWEST = next(n for n in range(2, 100) if (n // 2) * (n - n // 2) * 3 > LIMIT**2 * (n + 1))
"""19: of fewer values not even the half that is above all of the other half passes the limit."""

MOST_CORRELATION = 0.95

KEPT_SERIES = 512
"""A history is looked at far more often than it grows."""

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ChangePoint:
    """`first` is the place of the first value after the change, `known` of the one with which it was certain.

    `before` and `after` are the medians of the `count_before` values since the change before, or the beginning, and of
    the `count_after` until the next change, or the end. `ratio` is after to before, None where that is nought.
    `strength` is the statistic at `known`.
    """

    first: int
    known: int
    count_before: int
    count_after: int
    before: float
    after: float
    ratio: float | None
    is_better: bool | None
    strength: float


@dataclass(frozen=True)
class _Split:
    first: int
    known: int
    strength: float


@lru_cache(maxsize=KEPT_SERIES)
def change_points(values: tuple[float, ...], direction: Direction) -> tuple[ChangePoint, ...]:
    """Of finite values in the order of time; the oldest change first."""
    if len(values) < FEWEST:
        return ()
    series = np.array(values, dtype=np.float64)
    splits: list[_Split] = []
    start = 0
    while (split := _first_split(series[start:])) is not None:
        splits.append(_Split(start + split.first, start + split.known, split.strength))
        start += split.first
    bounds = [0, *(split.first for split in splits), len(series)]
    levels = [series[begin:end] for begin, end in pairwise(bounds)]
    return tuple(
        _change_point(split, before, after, direction)
        for split, (before, after) in zip(splits, pairwise(levels), strict=True)
    )


def _change_point(split: _Split, before: Values, after: Values, direction: Direction) -> ChangePoint:
    levels = float(np.median(before)), float(np.median(after))
    between = difference(levels[1], levels[0], direction)
    return ChangePoint(
        first=split.first,
        known=split.known,
        count_before=len(before),
        count_after=len(after),
        before=levels[0],
        after=levels[1],
        ratio=between.ratio,
        is_better=between.is_better,
        strength=split.strength,
    )


def _first_split(values: Values) -> _Split | None:
    """The first change that values in the order of time show; None where they show none."""
    if len(values) < FEWEST or np.ptp(values) == 0:
        return None
    # By the number of values before the split: how many pairs rise over it, less those that fall.
    rises = np.zeros(len(values))
    tied = 0
    for last in range(1, len(values)):
        signs = np.sign(values[last] - values[:last])
        rises[:last] += np.cumsum(signs)
        equal = last - int(np.count_nonzero(signs))
        # Grows the sum of t^3 - t over all sets of t equal values.
        tied += 3 * equal * (equal + 1)
        if last + 1 >= FEWEST and (split := _strongest(rises[:last], tied, values[: last + 1])) is not None:
            return split
    return None


def _strongest(rises: Values, tied: int, values: Values) -> _Split | None:
    count = len(values)
    before = np.arange(1, count)
    if (untied := count + 1 - tied / (count * (count - 1))) <= 0:
        return None
    statistics = np.abs(rises) / np.sqrt(before * (count - before) * untied / 3)
    best = int(statistics.argmax())
    if statistics[best] <= LIMIT:
        return None
    first = _located(values, best + 1)
    strength = float(statistics[first - 1]) / math.sqrt(_inflation(values, first))
    return _Split(first=first, known=count - 1, strength=strength) if strength > LIMIT else None


def _located(values: Values, split: int) -> int:
    """The split that leaves each value nearest to the level of its side, the levels being those of a split at hand.

    By ranks alone a value that happens to be high just before a rise would count as the first one after it. How much
    one value can weigh is bounded by the distance of the levels.
    """
    level_before, level_after = np.median(values[:split]), np.median(values[split:])
    misfits = np.cumsum(np.abs(values - level_before) - np.abs(values - level_after))
    return int(misfits[:-1].argmin()) + 1


def _inflation(values: Values, split: int) -> float:
    """By how much neighbours that resemble each other make the statistic's variance larger than independent ones do.

    (1 + r) / (1 - r) for a correlation r of neighbours within their side of the split. Two levels that are taken off
    pull an estimate from n values down by some 2 (1 + 4 r) / n, which is given back. Not below 1.
    """
    ranks = _ranks(values)
    off = np.concatenate([side - side.mean() for side in (ranks[:split], ranks[split:])])
    spread = float(off @ off)
    if spread == 0:
        return 1.0
    count = len(values)
    correlation = (float(off[:-1] @ off[1:]) / spread + 2 / count) / (1 - 8 / count)
    correlation = min(max(correlation, 0.0), MOST_CORRELATION)
    return (1 + correlation) / (1 - correlation)


def _ranks(values: Values) -> Values:
    """From 1; equal values share the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    middles: Values = np.cumsum(counts) - (counts - 1) / 2
    return middles[place]
