from typing import Any

import pytest

from runners.statistics.facts import device_state, number


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"a": {"b": 3}}, 3.0),
        ({"a": {"b": [4, 5]}}, 4.0),
        ({"a": {"b": []}}, None),
        ({"a": {"b": True}}, None),
        ({"a": {"b": float("inf")}}, None),
        ({"a": {"b": "3"}}, None),
        ({"a": 3}, None),
        ({}, None),
    ],
)
def test_number_is_finite_or_missing(facts: dict[str, Any], value: float | None) -> None:
    assert number(facts, "a", "b") == value


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"is_throttled": True}, [True]),
        ({"is_throttled": False}, [False]),
        ({"is_throttled": "yes"}, []),
        ({}, []),
    ],
)
def test_throttling_is_what_is_said(facts: dict[str, Any], said: list[bool]) -> None:
    assert device_state([facts]).is_throttled == said


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ({"permitted_khz": 1_478_400, "permitted_of_khz": 2_841_600}, ["at most 1.48 of 2.84 GHz permitted"]),
        (
            {
                "permitted_khz": 2_841_600,
                "permitted_of_khz": 2_841_600,
                "median_khz": 1_708_800,
                "median_of_khz": 2_419_200,
            },
            ["1.71 of 2.42 GHz in the median"],
        ),
        ({"permitted_khz": "low", "permitted_of_khz": None}, []),
        (None, []),
    ],
)
def test_clock_of_a_throttled_phone_is_told(clock: object, said: list[str]) -> None:
    assert device_state([{"is_throttled": True, "clock": clock}, {"is_throttled": False}]).low_clocks == said


@pytest.mark.parametrize(
    ("reasons", "left"),
    [
        (["sw_power_cap", "gpu_idle"], [["sw power cap"]]),
        (["applications clocks setting"], []),
        (["none"], []),
        ([], []),
        ("hw slowdown", []),
        ([7, "HW slowdown"], [["hw slowdown"]]),
    ],
)
def test_reasons_of_a_gpu_are_those_that_slow_it_down(reasons: object, left: list[list[str]]) -> None:
    assert device_state([{"throttle_reasons": reasons}]).throttle_reasons == left


def test_warmth_is_against_the_temperature_at_rest() -> None:
    facts = [{"temperature_before_c": 41.0, "baseline_c": 28.0}, {"temperature_before_c": 30.0, "baseline_c": 28.0}]

    assert device_state(facts).warmer_by_c == [13.0, 2.0]


def test_warmth_is_against_the_coolest_start_where_nobody_says_what_rest_is() -> None:
    facts: list[dict[str, Any]] = [{"temperature_before_c": 30.0}, {}, {"temperature_before_c": 42.0}]

    assert device_state(facts).warmer_by_c == [0.0, 12.0]


def test_battery_is_missing_where_nobody_says_it() -> None:
    assert device_state([{"battery_percent": 81}, {}]).battery_percents == [81.0]
