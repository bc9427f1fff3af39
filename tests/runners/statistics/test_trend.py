import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.statistics.trend import find_throttling, rise_probability


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


def test_throttling_cannot_be_told_from_four_processes() -> None:
    processes = [np.full(10, level) for level in (1.0, 1.1, 1.2, 1.3)]

    assert find_throttling(processes) is None
    assert find_throttling([*processes, np.full(10, 1.4)]) is not None
