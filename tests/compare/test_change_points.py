from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from apps.compare.change_points import FEWEST, FEWEST_AFTER, LIMIT, change_points
from tests.compare.series import Values

NILE = (
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
    1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969,
    831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
    781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
    744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
)  # fmt: skip
"""Flow of the Nile at Aswan by year from 1871 on, 10^8 m^3; the standard example of a change, after 1898 (G. W. Cobb,
The problem of the Nile, Biometrika 65, 1978)."""

SERIES = st.lists(st.floats(0.5, 2.0), max_size=40)
STEPS = st.builds(
    lambda before, after, step: [*before, *(value + step for value in after)], SERIES, SERIES, st.floats(-1.0, 3.0)
)


def places(values: list[float] | Values | tuple[float, ...]) -> list[int]:
    return [point.first for point in change_points(tuple(map(float, values)), "min")]


def test_the_nile_changed_with_the_year_1899() -> None:
    [point] = change_points(tuple(map(float, NILE)), "max")

    assert 1871 + point.first == 1899
    assert (point.count_before, point.count_after) == (28, 72)
    assert (point.before, point.after) == (np.median(NILE[:28]), np.median(NILE[28:]))
    assert point.ratio == pytest.approx(842.5 / 1130)
    assert point.is_better is False
    assert 1871 + point.known < 1920


def test_every_change_of_a_series_is_found_and_its_levels_are_those_between_its_neighbours() -> None:
    noise = np.random.default_rng(1).normal(1.0, 0.01, 90)
    levels = np.repeat([10.0, 12.0, 9.0], 30)

    slower, faster = change_points(tuple(levels * noise), "min")

    assert (slower.first, faster.first) == (30, 60)
    assert (slower.count_before, slower.count_after, faster.count_before, faster.count_after) == (30, 30, 30, 30)
    assert (slower.is_better, faster.is_better) == (False, True)
    assert slower.after == faster.before == pytest.approx(12.0, rel=0.01)


def test_strength_is_the_statistic_of_the_mann_whitney_test_with_ties() -> None:
    # Alternating values repel each other, so nothing is taken off for their dependence.
    values = [*([1.0, 2.0] * 8), *([2.0, 3.0] * 12)]
    [point] = change_points(tuple(values), "min")

    before, after = values[: point.first], values[point.first : point.known + 1]
    reference = stats.mannwhitneyu(before, after, use_continuity=False, method="asymptotic")
    assert point.strength == pytest.approx(stats.norm.isf(reference.pvalue / 2))
    assert point.strength > LIMIT


@pytest.mark.parametrize("count", [FEWEST, 30, 100, 400])
def test_so_few_values_after_it_are_never_a_change_however_far_off(count: int) -> None:
    values = [*np.random.default_rng(2).normal(10.0, 0.1, count), *([1000.0] * (FEWEST_AFTER - 1))]

    assert places(values) == []


def test_one_more_value_is_enough_after_a_long_history() -> None:
    values = [*np.random.default_rng(2).normal(10.0, 0.1, 100), *np.linspace(11.0, 11.1, FEWEST_AFTER)]

    [point] = change_points(tuple(map(float, values)), "min")

    assert (point.first, point.known) == (100, 100 + FEWEST_AFTER - 1)


def test_as_few_values_as_can_show_a_change_show_it_and_one_fewer_does_not() -> None:
    low = [1.0, 1.5, 1.1, 1.4, 1.2, 1.45, 1.05, 1.35, 1.15]
    values = [*low, *(value + 1 for value in low), 2.3]

    assert len(values) == FEWEST
    assert places(values) == [9]
    assert places(values[:-1]) == []


@given(st.floats(0.001, 1e6), st.integers(0, 100))
def test_constant_series_has_no_change(value: float, count: int) -> None:
    assert places([value] * count) == []


@given(STEPS, st.sampled_from([2**-10, 0.5, 8.0, 2**20]))
def test_another_unit_changes_no_place(values: list[float], factor: float) -> None:
    assert places([value * factor for value in values]) == places(values)


@given(STEPS)
def test_turned_upside_down_it_changes_in_the_same_places(values: list[float]) -> None:
    assert places([-value for value in values]) == places(values)


def test_value_far_off_weighs_no_more_than_the_next_one() -> None:
    values = [*np.random.default_rng(3).normal(10.0, 0.1, 40), *np.random.default_rng(4).normal(10.5, 0.1, 20)]
    wild = values.copy()
    wild[7], wild[33], wild[50] = 99.0, 1e6, 1e9

    assert places(wild) == places(values) == [40]


def test_high_value_just_before_a_rise_is_not_taken_for_its_first() -> None:
    values = [*np.random.default_rng(5).normal(10.0, 0.1, 99), 10.25, *np.linspace(12.0, 12.1, 8)]

    assert places(values) == [100]


@given(STEPS, st.integers(0, 80))
def test_change_that_was_found_is_found_again_however_many_values_follow(values: list[float], count: int) -> None:
    early, late = change_points(tuple(values[:count]), "min"), change_points(tuple(values), "min")

    found = [(point.first, point.known, point.strength) for point in late]
    assert [(point.first, point.known, point.strength) for point in early] == found[: len(early)]
    assert all(point.known >= count for point in late[len(early) :])


@given(STEPS)
def test_what_a_change_says_of_itself_holds(values: list[float]) -> None:
    for point in change_points(tuple(values), "min"):
        before = values[point.first - point.count_before : point.first]
        after = values[point.first : point.first + point.count_after]
        assert (point.before, point.after) == (np.median(before), np.median(after))
        assert point.strength > LIMIT
        assert point.known - point.first + 1 >= FEWEST_AFTER
        assert point.is_better is (None if point.before == point.after else point.after < point.before)
        assert point.ratio is not None
        assert math.isclose(point.ratio, point.after / point.before)
