import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from runners.statistics.outliers import outlier_masks
from tests.runners.statistics.noise import attempt


def test_outlier_masks_mark_the_slow_samples_of_every_process() -> None:
    processes = [
        samples * level for samples, level in zip(attempt(np.random.default_rng(31)), range(1, 6), strict=True)
    ]
    for number, samples in enumerate(processes):
        samples[number] *= 3

    masks = outlier_masks(processes)

    assert [np.flatnonzero(mask).tolist() for mask in masks] == [[0], [1], [2], [3], [4]]


def test_outliers_of_one_process_are_those_beyond_tukeys_outer_fence() -> None:
    samples = np.random.default_rng(32).lognormal(0.0, 0.8, 400)

    [mask] = outlier_masks([samples])

    fence = stats.scoreatpercentile(samples, 75) + 3 * stats.iqr(samples)
    assert mask.tolist() == (samples > fence).tolist()
    assert 0 < mask.sum() < 40


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(1, 10**9), min_size=1, max_size=40), min_size=1, max_size=4))
def test_outlier_masks_keep_the_shape_and_never_mark_a_processs_fast_half(times: list[list[int]]) -> None:
    processes = [np.array(values, dtype=float) for values in times]

    masks = outlier_masks(processes)

    assert [len(mask) for mask in masks] == [len(samples) for samples in processes]
    for samples, mask in zip(processes, masks, strict=True):
        assert mask.mean() <= 0.75
        assert not mask[np.argmin(samples)] or np.ptp(samples) == 0
