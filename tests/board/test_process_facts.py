"""State of the device around each process: which columns there are, and what is believed of an agent's words."""

from typing import Any

import pytest

from apps.board.process_facts import fact_table

PHONE: dict[str, Any] = {
    "baseline_c": 28.0,
    "temperature_before_c": 30.1,
    "temperature_max_c": 38.44,
    "temperature_after_c": 36.9,
    "frequency_min_khz": 2_419_200,
    "frequency_max_khz": 2_841_600,
    "clock": {"readings": 4, "permitted_khz": 2_419_200, "permitted_of_khz": 2_841_600},
    "is_throttled": True,
    "battery_percent": 87.0,
    "battery_after_percent": None,
    "is_charging": False,
    "samples": [{"at_s": 0.1}, {"at_s": 1.1}],
}
GPU_STATE = {"temperature_c": 41.0, "memory_mhz": 5_000, "sm_application_mhz": 1_590, "power_w": 28.34}
GPU: dict[str, Any] = {
    "gpu": {
        "before": None,
        "after": GPU_STATE,
        "temperature_max_c": 59.0,
        "sm_min_mhz": 1_335,
        "sm_max_mhz": 1_590,
        "samples": [GPU_STATE],
    },
    "throttle_reasons": ["sw_power_cap", "gpu_idle"],
}


def cells(facts: dict[str, Any]) -> dict[str, str]:
    table = fact_table([facts], noun="Process")
    return {cell["label"]: cell["text"] for cell in table["rows"][0]["cells"]} if table else {}


def test_phone_has_temperature_clock_and_battery_with_their_units() -> None:
    assert cells(PHONE) == {
        "Temperature before → after (°C)": "30.1 → 36.9",
        "Highest (°C)": "38.4",
        "At rest (°C)": "28.0",
        "Lowest clock (MHz)": "2,419",
        "Permitted clock (MHz)": "2,419",
        "Full clock (MHz)": "2,842",
        "Throttled": "yes",
        "Battery before → after (%)": "87",
        "Charging": "no",
        "Readings": "2",
    }


def test_gpu_has_clocks_power_and_its_reasons_for_lower_ones() -> None:
    assert cells(GPU) == {
        "Temperature before → after (°C)": "not read → 41.0",
        "Highest (°C)": "59.0",
        "Lowest clock (MHz)": "1,335",
        "Highest clock (MHz)": "1,590",
        "Full clock (MHz)": "1,590",
        "Memory clock (MHz)": "5,000",
        "Throttle reasons": "sw power cap, gpu idle",
        "Power before → after (W)": "not read → 28.3",
        "Readings": "1",
    }


def test_gpu_that_tells_of_no_reason_differs_from_one_that_does_not_tell() -> None:
    assert cells({"throttle_reasons": []}) == {"Throttle reasons": "none"}
    assert cells({"throttle_reasons": None}) == {}


def test_phone_of_which_too_little_was_read_says_that_it_is_not_known() -> None:
    assert cells({"is_throttled": None}) == {"Throttled": "not known"}


def test_process_that_nobody_watched_has_empty_cells_beside_the_others() -> None:
    table = fact_table([{}, {"temperature_max_c": 0.0}], noun="Process")

    assert table is not None
    assert [[cell["text"] for cell in row["cells"]] for row in table["rows"]] == [[""], ["0.0"]]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"mask": "80"},
        {"temperature_max_c": "hot", "battery_percent": float("nan"), "is_throttled": "yes"},
        {"gpu": [1], "throttle_reasons": "hot", "samples": {"at_s": 1}},
    ],
)
def test_facts_of_another_kind_are_no_table(facts: dict[str, Any]) -> None:
    assert fact_table([facts], noun="Process") is None
