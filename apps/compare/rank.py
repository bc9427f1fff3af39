"""Whether two columns put the same models in the same order, and how far apart their values are."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_PAIRS = 4
"""The standard error divides by n - 3."""

_NORMAL_975 = statistics.NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class RankAgreement:
    """Spearman's coefficient over `n` pairs. `interval` is None at exactly -1 or 1, where Fisher's z is infinite."""

    coefficient: float
    interval: tuple[float, float] | None
    n: int


def rank_agreement(first: Sequence[float], second: Sequence[float]) -> RankAgreement | None:
    """Spearman's rank correlation, ties by their mean rank, with a 95 % interval.

    None below four pairs, or where one side is all ties and has no order.

    Source: Bonett and Wright, "Sample size requirements for estimating Pearson, Kendall and Spearman correlations",
    Psychometrika 65 (2000): Fisher's z with the variance (1 + r^2 / 2) / (n - 3).

    Raises: ValueError when the sides are not of the same length.
    """
    if len(first) != len(second):
        raise ValueError(f"Ranks need pairs: {len(first)} values stand against {len(second)}.")
    n = len(first)
    if n < FEWEST_PAIRS or len(set(first)) == 1 or len(set(second)) == 1:
        return None
    ranks = _mean_ranks(first), _mean_ranks(second)
    # Rounding may leave a hair beyond 1, and what is 1 but for rounding has no interval.
    coefficient = max(-1.0, min(1.0, round(statistics.correlation(*ranks), 12)))
    return RankAgreement(coefficient, _interval(coefficient, n), n)


def _mean_ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of the places that they take."""
    places: dict[float, list[int]] = {}
    for place, value in enumerate(sorted(values), start=1):
        places.setdefault(value, []).append(place)
    return [statistics.fmean(places[value]) for value in values]


def _interval(coefficient: float, n: int) -> tuple[float, float] | None:
    if abs(coefficient) == 1:
        return None
    z = math.atanh(coefficient)
    half_width = _NORMAL_975 * math.sqrt((1 + coefficient**2 / 2) / (n - 3))
    return math.tanh(z - half_width), math.tanh(z + half_width)
