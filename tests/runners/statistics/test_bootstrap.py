import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from runners.statistics import bootstrap
from runners.statistics.bootstrap import Estimate, estimate, interval, is_beyond_noise, ratio_interval
from runners.statistics.samples import Processes
from tests.runners.statistics.noise import TRUE_MEDIAN_NS, attempt

ATTEMPTS = 300


def _estimate(processes: Processes) -> Estimate:
    found = estimate(processes)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("processes", "between", "correlation"),
    [
        (3, 0.0, 0.0),
        (3, 0.03, 0.0),
        (3, 0.05, 0.8),
        (5, 0.0, 0.0),
        (5, 0.03, 0.0),
        (5, 0.05, 0.8),
        (10, 0.03, 0.0),
    ],
)
def test_interval_covers_the_true_median_in_95_percent_of_attempts(
    processes: int, between: float, correlation: float
) -> None:
    generator = np.random.default_rng(1)

    covered = 0
    for _ in range(ATTEMPTS):
        samples = attempt(generator, processes=processes, between=between, correlation=correlation)
        low, high = interval(_estimate(samples))
        covered += low <= TRUE_MEDIAN_NS <= high

    # The standard error of a share of 300 at 95 % is 1.3 %; the percentile interval, which is too short, covers 85 %.
    assert 0.91 <= covered / ATTEMPTS <= 0.99


def test_standard_error_of_one_sample_per_process_is_that_of_scipys_bootstrap() -> None:
    # A process of one sample is a sample, and then both draw the same thing.
    values = np.random.default_rng(8).lognormal(0.0, 0.05, 9)

    found = _estimate([values[k : k + 1] for k in range(9)])
    reference = stats.bootstrap(
        [np.log(values)], np.median, n_resamples=20_000, method="percentile", rng=np.random.default_rng(9)
    )

    assert found.log_standard_error == pytest.approx(reference.standard_error * np.sqrt(9 / 8), rel=0.07)


def test_ratio_interval_calls_equal_configurations_different_in_one_of_twenty_at_most() -> None:
    generator = np.random.default_rng(2)

    wrong = 0
    for _ in range(ATTEMPTS):
        first, second = (_estimate(attempt(generator, between=0.03)) for _ in range(2))
        wrong += is_beyond_noise(ratio_interval(first, second), floor=0.0)

    assert wrong / ATTEMPTS <= 0.05


def test_ratio_interval_finds_a_difference_of_ten_percent_over_a_spread_of_two() -> None:
    generator = np.random.default_rng(3)

    found = 0
    for _ in range(ATTEMPTS // 2):
        slow = [samples * 1.1 for samples in attempt(generator, between=0.02)]
        found += is_beyond_noise(
            ratio_interval(_estimate(slow), _estimate(attempt(generator, between=0.02))), floor=0.01
        )

    assert found / (ATTEMPTS // 2) >= 0.95


def test_estimate_does_not_exist_below_three_processes() -> None:
    samples = attempt(np.random.default_rng(4), processes=2)

    assert estimate(samples) is None


def test_estimate_is_the_same_for_the_same_samples() -> None:
    samples = attempt(np.random.default_rng(5), processes=12, between=0.03)

    assert estimate(samples) == estimate([process.copy() for process in samples])


def test_estimate_of_long_processes_is_hardly_changed_by_thinning(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = attempt(np.random.default_rng(6), n=9_000, between=0.03)

    thinned = _estimate(samples)
    monkeypatch.setattr(bootstrap, "MAX_POINTS", 5 * 9_000)
    whole = _estimate(samples)

    assert thinned.log_standard_error == pytest.approx(whole.log_standard_error, rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 7), st.floats(0.001, 1_000.0))
def test_interval_holds_the_headline_and_scales_with_the_unit(seed: int, processes: int, unit: float) -> None:
    samples = attempt(np.random.default_rng(seed), processes=processes, between=0.03)

    low, high = interval(_estimate(samples))
    # The error does not depend on the unit, only the draws do through their seed.
    scaled_low, scaled_high = interval(_estimate([process * unit for process in samples]))

    assert low <= float(np.median(np.concatenate(samples))) <= high
    assert np.log(scaled_high / scaled_low) == pytest.approx(np.log(high / low), rel=0.25)


def test_ratio_interval_of_equal_spreads_has_the_degrees_of_freedom_of_both() -> None:
    narrow = ratio_interval(Estimate(10.0, 0.01, 5), Estimate(10.0, 0.01, 5))
    wide = ratio_interval(Estimate(10.0, 0.01, 5), Estimate(10.0, 0.0, 5))

    # t of 8 degrees of freedom is 2.306, of 4 it is 2.776; the first has sqrt(2) times the error.
    assert np.log(narrow[1]) == pytest.approx(2.306 * np.sqrt(2) * 0.01, rel=1e-3)
    assert np.log(wide[1]) == pytest.approx(2.776 * 0.01, rel=1e-3)


@pytest.mark.parametrize(
    ("ratio", "floor", "expected"),
    [
        ((1.02, 1.05), 0.0, True),
        ((0.99, 1.05), 0.0, False),
        ((1.02, 1.05), 0.03, False),
        ((0.90, 0.95), 0.03, True),
        ((0.90, 0.98), 0.03, False),
    ],
)
def test_is_beyond_noise_wants_the_whole_interval_outside_the_floor(
    ratio: tuple[float, float], floor: float, expected: bool
) -> None:
    assert is_beyond_noise(ratio, floor=floor) is expected
