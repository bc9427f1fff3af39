import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from runners.statistics.summary import document_mean, percentiles

Times = st.lists(st.floats(1.0, 1e9), min_size=1, max_size=150)


@given(st.lists(Times, min_size=1, max_size=5))
def test_percentiles_are_in_order_and_of_all_samples(times: list[list[float]]) -> None:
    processes = [np.array(values) for values in times]

    summary = percentiles(processes)

    pooled = np.concatenate(processes)
    assert summary.n == len(pooled)
    assert summary.min <= summary.p10 <= summary.median <= summary.p90 <= pooled.max()
    assert summary.median == pytest.approx(stats.scoreatpercentile(pooled, 50))
    assert (summary.p99 is None) == (len(pooled) < 100)


def test_fast_processes_weigh_more_and_pull_the_median_down_by_about_a_fifth_of_a_percent() -> None:
    generator = np.random.default_rng(33)

    changes = []
    for _ in range(1_000):
        # One second for each process: the faster it is, the more samples it has.
        levels = np.exp(0.05 * generator.standard_normal(5))
        processes = [level * np.exp(0.02 * generator.standard_normal(int(400 / level))) for level in levels]
        equal = np.concatenate([np.quantile(samples, np.linspace(0.0025, 0.9975, 200)) for samples in processes])
        changes.append(np.log(percentiles(processes).median / np.median(equal)))

    assert -0.003 <= np.mean(changes) <= -0.001


def test_document_mean_leaves_out_the_first_inference_and_nine_warmups() -> None:
    warmup, samples = np.full(10, 5.0), np.arange(1.0, 101.0)

    mean = document_mean(99.0, warmup, samples, repeats=30)

    # One warm-up of the ten is left for the average, then 29 samples.
    assert mean == pytest.approx((5.0 + np.arange(1.0, 30.0).sum()) / 30)


@pytest.mark.parametrize(("count", "is_enough"), [(509, True), (508, False)])
def test_document_mean_wants_as_many_inferences_as_the_document_took(count: int, is_enough: bool) -> None:
    mean = document_mean(1.0, np.array([]), np.ones(count), repeats=500)

    assert (mean is not None) == is_enough
