import pytest

from runners.statistics.device import (
    check_not_always_throttled,
    find_hot_start,
    find_low_battery,
    find_throttled,
)


def test_throttled_phone_says_in_how_many_processes() -> None:
    assert find_throttled([False] * 5, []) is None
    assert find_throttled([], []) is None
    assert find_throttled([True, False, True, False, False], []) == (
        "2 of 5 processes ran more than 5 % below the highest clock frequency."
    )


def test_throttled_gpu_says_why() -> None:
    reasons = [["sw power cap"], ["sw power cap", "sw power cap", "hw slowdown"]]

    assert find_throttled([], reasons) == (
        "The GPU lowered its clock in 2 processes: hw slowdown (1×), sw power cap (2×)."
    )


@pytest.mark.parametrize(("warmer_by_c", "is_hot"), [([], False), ([0.0, 10.0], False), ([3.0, 10.5], True)])
def test_hot_start_is_far_above_the_temperature_at_rest(warmer_by_c: list[float], is_hot: bool) -> None:
    assert (find_hot_start(warmer_by_c) is not None) == is_hot


@pytest.mark.parametrize(("levels", "is_low"), [([], False), ([80.0, 30.0], False), ([80.0, 29.0], True)])
def test_low_battery_is_below_thirty_percent(levels: list[float], is_low: bool) -> None:
    assert (find_low_battery(levels) is not None) == is_low


@pytest.mark.parametrize(
    ("is_throttled", "is_refused"),
    [([], False), ([True] * 4 + [False], False), ([True] * 4, False), ([True] * 5, True)],
)
def test_phone_is_refused_when_all_its_processes_were_throttled(is_throttled: list[bool], is_refused: bool) -> None:
    assert (check_not_always_throttled(is_throttled, [], processes=5) is not None) == is_refused


def test_refusal_shows_each_clock_once() -> None:
    low, lower = "at most 2.27 of 2.84 GHz permitted", "1.48 of 2.84 GHz in the median"

    said = check_not_always_throttled([True] * 3, [low, low, lower], processes=3)

    assert said is not None
    assert said.startswith(f"The phone ran below its clock all the time ({low}; {lower}): ")
