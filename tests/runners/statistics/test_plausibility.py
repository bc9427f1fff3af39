import numpy as np
import pytest

from runners.statistics.plausibility import (
    check_duration,
    check_floor,
    check_samples,
    check_stated_median,
    latency_floor_ms,
)


def test_latency_floor_is_two_flops_per_mac_at_the_peak() -> None:
    # MobileNetV1 on a T4 at FP32: 568.74 M MACs, 8.1 TFLOP/s.
    assert latency_floor_ms(568_740_000, 8, 8.1e12) == pytest.approx(1.1235, rel=1e-3)


def test_published_t4_latency_is_above_its_floor() -> None:
    assert check_floor(3.90797e6, macs=568_740_000, batch_size=8, peak_flops=8.1e12) is None


def test_check_floor_names_both_numbers() -> None:
    problem = check_floor(1e6, macs=568_740_000, batch_size=8, peak_flops=8.1e12)

    assert problem is not None
    assert "1 ms is below 1.123 ms" in problem


@pytest.mark.parametrize(("stated_ns", "is_consistent"), [(25.0, True), (25.9, True), (26.1, False), (20.0, False)])
def test_check_stated_median_is_that_of_all_samples(stated_ns: float, is_consistent: bool) -> None:
    processes = [np.array([10.0, 20.0]), np.array([30.0, 40.0])]

    assert (check_stated_median(stated_ns, processes) is None) == is_consistent


@pytest.mark.parametrize(
    ("wall", "cpu", "words"),
    [
        ([1e6, 0.0], [], "not positive"),
        ([1e6, float("nan")], [], "not positive"),
        ([1e6, 2e6], [1e6], "2 wall times but 1 CPU times"),
        ([1e6, 2e6], [2e6, 4e6], "used 2.0 cores; its protocol allows 1"),
        ([1e6] * 100, [1e6] * 100, "exactly 1000000 ns 100 times"),
    ],
)
def test_check_samples_refuses_what_no_clock_measures(wall: list[float], cpu: list[float], words: str) -> None:
    problems = check_samples([np.array(wall)], [np.array(cpu)], threads=1)

    assert len(problems) == 1
    assert words in problems[0]


def test_check_samples_allows_clock_costs_in_networks_of_microseconds() -> None:
    wall, cpu = [np.array([900.0, 1_000.0])], [np.array([2_400.0, 2_500.0])]

    assert check_samples(wall, cpu, threads=1) == []


def test_check_duration_wants_everything_to_fit_into_the_attempt() -> None:
    assert check_duration(2e9, 2.5) is None
    assert check_duration(3e9, 2.5) is not None
