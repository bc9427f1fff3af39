"""What is drawn of a device while it was measured, and what is believed of an agent's words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.board.device_readings import MOST_CORES, Readings, Watched, read

STARTED_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PHONE_SAMPLE = {"at_s": 0.1, "temperature_c": 31.5, "frequencies_khz": {"6": 2_419_200, "7": 2_841_600}}
GPU_SAMPLE = {"at_s": 0.5, "temperature_c": 41.0, "sm_mhz": 1_590, "power_w": 60.1}


def watched(*facts: dict[str, Any]) -> list[Watched]:
    """Processes that began ten seconds after one another."""
    return [Watched(STARTED_AT + timedelta(seconds=10 * number), each) for number, each in enumerate(facts)]


def test_phone_has_its_temperature_and_the_clock_of_each_core_since_the_first_start() -> None:
    facts = {"samples": [PHONE_SAMPLE], "baseline_c": 28.0, "frequency_max_khz": 2_841_600}

    found = read(watched(facts, facts))

    assert found is not None
    assert [(row["process"], row["at_s"], row["quantity"], row["core"], row["value"]) for row in found.rows] == [
        (1, 0.1, "temperature", "", 31.5),
        (1, 0.1, "clock", "core 6", 2_419.2),
        (1, 0.1, "clock", "core 7", 2_841.6),
        (2, 10.1, "temperature", "", 31.5),
        (2, 10.1, "clock", "core 6", 2_419.2),
        (2, 10.1, "clock", "core 7", 2_841.6),
    ]
    assert found.levels == [
        {"quantity": "temperature", "label": "at rest", "value": 28.0},
        {"quantity": "clock", "label": "full clock", "value": 2_841.6},
    ]


def test_gpu_has_one_clock_and_what_it_was_set_to() -> None:
    facts = {"gpu": {"samples": [GPU_SAMPLE], "after": {"sm_application_mhz": 1_590}}}

    found = read(watched(facts, facts))

    assert found is not None
    assert [(row["quantity"], row["core"], row["value"]) for row in found.rows[:2]] == [
        ("temperature", "", 41.0),
        ("clock", "", 1_590.0),
    ]
    assert found.levels == [{"quantity": "clock", "label": "full clock", "value": 1_590.0}]


def test_level_without_a_reading_of_its_quantity_is_left_out() -> None:
    facts = {"samples": [{"at_s": 0.1, "temperature_c": 31.5}], "frequency_max_khz": 2_841_600}

    found = read(watched(facts, facts))

    assert found == Readings(found.rows if found else [], [])


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"samples": "hot"},
        {"samples": [1, None, {"at_s": "soon", "temperature_c": 31.5}]},
        {"samples": [{"at_s": 0.1, "temperature_c": float("nan"), "frequencies_khz": [1]}]},
        {"gpu": {"samples": {"at_s": 1}}},
        {"gpu": [GPU_SAMPLE]},
    ],
)
def test_facts_of_another_kind_are_nothing_to_draw(facts: dict[str, Any]) -> None:
    assert read(watched(facts, facts)) is None


def test_one_moment_is_nothing_to_draw() -> None:
    assert read(watched({"samples": [PHONE_SAMPLE]})) is None
    assert read([]) is None


def test_cores_without_number_are_not_all_drawn() -> None:
    many = {str(core): 1_000_000 for core in range(100)}

    found = read(watched({"samples": [{"at_s": at_s, "frequencies_khz": many} for at_s in (0.1, 1.1)]}))

    assert found is not None
    assert len(found.rows) == 2 * MOST_CORES
