from __future__ import annotations

import numpy as np
import pytest

from apps.compare.axis import Axis, round_numbers
from tests.compare.published import LATENCY, TOP1


def test_logarithmic_axis_spaces_equal_ratios_equally() -> None:
    pixels = LATENCY.pixels(np.array([1.0, 10.0, 100.0]), (1.0, 100.0), 400)

    assert pixels.tolist() == [0, 200, 400]


def test_domain_holds_every_value_with_space_on_both_sides() -> None:
    values = np.array([2.329, 74.292])

    low, high = LATENCY.domain(values)

    assert low < 2.329
    assert high > 74.292
    assert low / 2.329 == pytest.approx(74.292 / high)


@pytest.mark.parametrize("axis", [LATENCY, TOP1])
@pytest.mark.parametrize("values", [[], [0.5], [0.5, 0.5]])
def test_domain_is_never_empty(axis: Axis, values: list[float]) -> None:
    low, high = axis.domain(np.array(values))

    assert low < high


def test_logarithmic_axis_cannot_draw_zero() -> None:
    values = np.array([0.0, -1.0, np.nan, np.inf, 2.0])

    assert LATENCY.is_usable(values).tolist() == [False, False, False, False, True]
    assert TOP1.is_usable(values).tolist() == [True, True, False, False, True]


def test_ticks_are_round_numbers_inside_the_domain() -> None:
    assert LATENCY.ticks((1.9, 88.0)) == [2, 5, 10, 20, 50]
    assert TOP1.ticks((0.4, 0.8)) is None


def test_short_logarithmic_axis_leaves_its_ticks_to_the_drawing() -> None:
    assert LATENCY.ticks((11.0, 14.0)) is None


def test_round_numbers_reach_from_below_to_above() -> None:
    numbers = round_numbers(0.3, 40)

    assert numbers[0] <= 0.3
    assert numbers[-1] >= 40


def test_label_says_unit_and_better_direction() -> None:
    assert LATENCY.label == "Latency on Snapdragon 855 (ms), lower is better"
    assert TOP1.label == "Top-1 accuracy (%), higher is better"
