from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from apps.compare.rank import rank_agreement


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("distinct", [4, 1000])
def test_coefficient_is_that_of_scipy_with_and_without_ties(seed: int, distinct: int) -> None:
    generator = np.random.default_rng(seed)
    first = generator.integers(0, distinct, 27).astype(float)
    second = first + generator.integers(0, distinct, 27)

    found = rank_agreement(first.tolist(), second.tolist())

    assert found == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-9)


@pytest.mark.parametrize(("second", "coefficient"), [([2, 4, 8, 16], 1.0), ([4, 3, 2, 1], -1.0)])
def test_perfect_order_is_exactly_one(second: list[float], coefficient: float) -> None:
    assert rank_agreement([1, 2, 3, 4], second) == coefficient


@pytest.mark.parametrize("first", [[], [1.0, 2.0, 3.0], [5.0, 5.0, 5.0, 5.0]])
def test_too_few_pairs_or_no_order_give_nothing(first: list[float]) -> None:
    assert rank_agreement(first, [float(i) for i in range(len(first))]) is None


def test_sides_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 values stand against 2"):
        rank_agreement([1, 2, 3], [1, 2])
