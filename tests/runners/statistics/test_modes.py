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


@pytest.mark.parametrize("seed", range(20))
def test_best_split_is_otsus_of_all_divisions_and_its_separation_ashmans(seed: int) -> None:
    samples = np.sort(np.random.default_rng(seed).lognormal(0.0, 0.5, 60))

    split = best_split(samples)

    # Otsu shows that the largest variance between two groups is the smallest one left within them.
    within = {at: samples[:at].var() * at + samples[at:].var() * (60 - at) for at in range(6, 55)}
    fast, slow = np.split(samples, [min(within, key=lambda at: within[at])])
    assert split.slow_share == pytest.approx(len(slow) / 60)
    ashman = abs(slow.mean() - fast.mean()) / np.sqrt((slow.var() + fast.var()) / 2)
    assert split.separation == pytest.approx(ashman)


def test_best_split_of_equal_samples_separates_nothing() -> None:
    assert best_split(np.zeros(60)).separation == 0


def test_best_split_does_not_take_a_few_outliers_for_a_group() -> None:
    samples = np.concatenate([np.random.default_rng(22).normal(0.0, 0.01, 95), np.full(5, 3.0)])

    split = best_split(samples)

    assert split.slow_share >= 0.1
    assert split.separation < 5
