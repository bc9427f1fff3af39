"""Whether two columns put the same models in the same order, and how far apart their values are."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

FEWEST_PAIRS = 4
"""Three models stand in the same order by chance once in six times."""


def rank_agreement(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's rank correlation, ties by their mean rank.

    None below four pairs, or where one side is all ties and has no order. There is no interval: the models of a table
    are not drawn from anything, and the usual formulas cover far too little near 1.

    Raises: ValueError when the sides are not of the same length.
    """
    if len(first) != len(second):
        raise ValueError(f"Ranks need pairs: {len(first)} values stand against {len(second)}.")
    if len(first) < FEWEST_PAIRS or len(set(first)) == 1 or len(set(second)) == 1:
        return None
    coefficient = statistics.correlation(_mean_ranks(first), _mean_ranks(second))
    # Rounding may leave a hair beyond 1.
    return max(-1.0, min(1.0, round(coefficient, 12)))


def _mean_ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of the places that they take."""
    places: dict[float, list[int]] = {}
    for place, value in enumerate(sorted(values), start=1):
        places.setdefault(value, []).append(place)
    return [statistics.fmean(places[value]) for value in values]
