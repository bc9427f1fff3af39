import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from runners.statistics.wilson import wilson_interval


@given(st.integers(1, 60_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_wilson_interval_is_that_of_scipy(counts: tuple[int, int]) -> None:
    successes, trials = counts

    low, high = wilson_interval(successes, trials)

    reference = stats.binomtest(successes, trials).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((reference.low, reference.high), abs=1e-12)
    assert 0 <= low <= successes / trials <= high <= 1


def test_wilson_interval_of_the_textbook_example() -> None:
    low, high = wilson_interval(81, 263)

    # Newcombe, Statistics in Medicine 17, 1998, table I, method 3.
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 10), (11, 10)])
def test_wilson_interval_refuses_impossible_counts(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="Wanted 0 <= successes <= trials"):
        wilson_interval(successes, trials)
