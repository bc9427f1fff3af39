import numpy as np
import pytest

from runners.statistics.modes import best_split


def test_best_split_finds_two_groups_and_their_shares() -> None:
    generator = np.random.default_rng(21)
    samples = np.concatenate([generator.normal(0.0, 0.01, 700), generator.normal(0.2, 0.01, 300)])

    split = best_split(generator.permutation(samples))

    assert split.slow_share == pytest.approx(0.3)
    assert split.distance == pytest.approx(0.2, abs=0.005)
    # Ashman's D of two normal groups of equal width is their distance in standard deviations.
    assert split.separation == pytest.approx(20, rel=0.05)


def test_best_split_of_equal_samples_separates_nothing() -> None:
    assert best_split(np.zeros(60)).separation == 0


def test_best_split_does_not_take_a_few_outliers_for_a_group() -> None:
    samples = np.concatenate([np.random.default_rng(22).normal(0.0, 0.01, 95), np.full(5, 3.0)])

    split = best_split(samples)

    assert split.slow_share >= 0.1
    assert split.separation < 5
