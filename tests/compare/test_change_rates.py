"""What docs/statistics.md says of changes of level: how often chance makes one, and how soon a real one is found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from apps.compare.change_points import ChangePoint, change_points
from tests.compare.series import SPREAD, Values, dependent, disturbed, heavy_tails, outliers, white

Make = Callable[[np.random.Generator, int], Values]

SERIES, VALUES = 300, 200
MOST_ALARMS = 92
"""One in a thousand of the 60,000 values, and four standard deviations of such a count."""


@pytest.mark.parametrize(
    "make",
    [white, heavy_tails, outliers, disturbed, *(partial(dependent, correlation=each) for each in (0.2, 0.5, 0.7))],
    ids=["white", "heavy tails", "outliers", "disturbed", "dependent 0.2", "dependent 0.5", "dependent 0.7"],
)
def test_about_one_value_in_a_thousand_or_fewer_makes_a_change_by_chance(make: Make) -> None:
    rng = np.random.default_rng(1)

    found = [changes(make(rng, VALUES)) for _ in range(SERIES)]

    assert sum(map(len, found)) <= MOST_ALARMS


def test_short_unchanged_history_has_hardly_ever_a_change() -> None:
    rng = np.random.default_rng(2)

    found = [changes(white(rng, 40)) for _ in range(1000)]

    assert sum(map(len, found)) <= 15


@pytest.mark.parametrize(
    ("before", "shift", "within", "least"),
    [(15, 3, 20, 0.9), (30, 2, 20, 0.85), (30, 5, 10, 0.8), (100, 3, 10, 0.9), (100, 5, 10, 0.9)],
)
def test_real_change_is_found_soon_and_by_its_first_value(before: int, shift: float, within: int, least: float) -> None:
    rng = np.random.default_rng(3)
    step = np.repeat([0.0, shift * SPREAD], [before, within])

    found = [changes(white(rng, before + within) + step) for _ in range(SERIES)]

    hits = [near(points, before) for points in found]
    assert np.mean([hit is not None for hit in hits]) >= least
    if shift >= 3:
        assert np.mean([hit is not None and hit.first == before for hit in hits]) >= least - 0.15


def changes(values: Values) -> tuple[ChangePoint, ...]:
    return change_points(tuple(values), "min")


def near(points: tuple[ChangePoint, ...], place: int) -> ChangePoint | None:
    return next((point for point in points if abs(point.first - place) <= 2), None)
