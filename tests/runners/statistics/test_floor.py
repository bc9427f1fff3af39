from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.statistics.bootstrap import is_beyond_noise
from runners.statistics.floor import ASSUMED, MIN_PAIRS, aa_floor, log_differences

TRIALS = 5_000


def test_log_differences_pair_neighbours_and_no_measurement_twice() -> None:
    assert log_differences([10.0, 11.0, 12.0, 9.0, 7.0]) == pytest.approx([np.log(11 / 10), np.log(12 / 9)])
    assert log_differences([10.0]) == log_differences([]) == []


@pytest.mark.parametrize("pairs", [19, 20, 39, 60, 100])
@pytest.mark.parametrize("degrees", [2, 1_000])
def test_next_pair_exceeds_the_floor_in_one_of_twenty_cases_at_most(pairs: int, degrees: int) -> None:
    generator = np.random.default_rng(61)

    # Student's t of two degrees of freedom has the tails of a machine that is sometimes disturbed.
    differences = np.abs(0.02 * generator.standard_t(degrees, size=(TRIALS, pairs + 1)))
    exceeded = sum(row[-1] > np.log1p(aa_floor(row[:-1]).value) for row in differences)

    # The standard error of a share of 5,000 at 5 % is 0.3 %.
    assert exceeded / TRIALS <= 0.05 + 3 * 0.003


def test_floor_of_19_pairs_is_their_largest_and_of_more_it_is_not() -> None:
    differences = [number / 1_000 for number in range(1, 40)]

    assert aa_floor(differences[:19]).value == pytest.approx(np.expm1(0.019))
    assert aa_floor(differences).value == pytest.approx(np.expm1(0.038))
    assert not aa_floor(differences[:MIN_PAIRS]).is_assumed


@pytest.mark.parametrize(
    ("differences", "value"), [([], ASSUMED), ([0.001] * 18, ASSUMED), ([0.001, 0.2], np.expm1(0.2))]
)
def test_floor_of_few_pairs_is_assumed_and_never_below_what_was_seen(differences: list[float], value: float) -> None:
    floor = aa_floor(differences)

    assert floor.value == pytest.approx(value)
    assert (floor.pairs, floor.is_assumed) == (len(differences), True)


@given(st.lists(st.floats(0.0, 0.5), max_size=60), st.randoms())
def test_floor_does_not_depend_on_the_order_of_the_pairs(differences: list[float], random: Random) -> None:
    shuffled = differences.copy()
    random.shuffle(shuffled)

    assert aa_floor(shuffled) == aa_floor(differences)


def test_floor_is_what_a_difference_has_to_exceed() -> None:
    floor = aa_floor([0.04] * 19)

    assert is_beyond_noise((1.05, 1.1), floor=floor.value)
    assert not is_beyond_noise((1.03, 1.1), floor=floor.value)
