import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from runners.statistics.trend import find_drift, find_throttling, find_unfinished_warmup, rise_probability


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_rise_probability_is_the_share_of_all_orders(size: int) -> None:
    orders = list(itertools.permutations(range(size)))
    rising = [sum(a < b for a, b in itertools.combinations(order, 2)) for order in orders]

    for order, pairs in zip(orders[:: max(1, len(orders) // 20)], rising[:: max(1, len(orders) // 20)], strict=True):
        expected = sum(other >= pairs for other in rising) / len(orders)
        assert rise_probability(np.array(order, dtype=float)) == pytest.approx(expected)


@given(st.lists(st.floats(1.0, 2.0), min_size=2, max_size=30))
def test_rise_probability_of_values_and_of_their_reverse_cover_everything(values: list[float]) -> None:
    forward, backward = rise_probability(np.array(values)), rise_probability(np.array(values[::-1]))

    assert 0 < forward <= 1
    assert forward + backward >= 1


@given(st.permutations(range(6)))
def test_rise_probability_is_the_exact_one_sided_p_of_scipys_kendalltau(order: list[int]) -> None:
    reference = stats.kendalltau(range(6), order, method="exact", alternative="greater")

    assert rise_probability(np.array(order, dtype=float)) == pytest.approx(reference.pvalue)


@settings(max_examples=200)
@given(st.lists(st.floats(-0.02, 0.2), min_size=3, max_size=8))
def test_warmup_and_drift_are_significant_where_scipys_t_test_says_so(changes: list[float]) -> None:
    # Processes of two levels, of which the first tenth, or the last third, is higher by a known change.
    cold = [np.exp(np.where(np.arange(60) < 6, change, 0.0)) for change in changes]
    late = [np.exp(np.where(np.arange(60) >= 40, change, 0.0)) for change in changes]
    mean, is_constant = float(np.mean(changes)), float(np.ptp(changes)) < 1e-6

    assume(not is_constant)
    one_sided = stats.ttest_1samp(changes, 0.0, alternative="greater").pvalue
    two_sided = stats.ttest_1samp(changes, 0.0).pvalue
    assume(
        min(abs(one_sided - 0.01), abs(two_sided - 0.01), abs(mean - np.log1p(0.05)), abs(mean - np.log1p(0.02))) > 1e-6
    )

    assert (find_unfinished_warmup(cold) is not None) == (one_sided < 0.01 and mean > np.log1p(0.05))
    assert (find_drift(late) is not None) == (two_sided < 0.01 and abs(mean) > np.log1p(0.02))


def test_throttling_cannot_be_told_from_four_processes() -> None:
    processes = [np.full(10, level) for level in (1.0, 1.1, 1.2, 1.3)]

    assert find_throttling(processes) is None
    assert find_throttling([*processes, np.full(10, 1.4)]) is not None


def test_samples_that_become_slower_are_a_drift_and_no_unfinished_warmup() -> None:
    rising = [np.linspace(1.0, 1.2, 60) + offset for offset in (0.0, 0.001, 0.002)]
    falling = [samples[::-1] for samples in rising]

    assert find_unfinished_warmup(rising) is None
    assert find_drift(rising) is not None
    assert find_unfinished_warmup(falling) == "The first tenth of a process takes +13.6% against its second half."


def test_unfinished_warmup_is_not_judged_from_few_samples() -> None:
    cold = [np.concatenate([[9.0, 9.0], np.ones(27)])] * 3

    assert find_unfinished_warmup(cold) is None
