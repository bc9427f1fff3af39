from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from runners.phone.baseline import CEILING_C, DAYS, Baselines
from runners.phone.policy import Policy, obstacle
from runners.phone.state import PhoneState

READY = PhoneState(battery_percent=80, battery_c=28, is_charging=True, is_screen_on=False, zones={1: 30.0})


@pytest.mark.parametrize(
    ("changed", "phase", "says"),
    [
        ({"battery_percent": 29.0}, "charging", "has 29 %, 30 % are needed, and it is charging"),
        ({"battery_percent": 29.0, "is_charging": False}, "charging", "is not charging: connect it"),
        ({"zones": {1: 38.1}}, "cooling down", "at 38.1 °C, and at most 38.0 °C is allowed"),
        ({"is_screen_on": True}, "waiting for the screen to go off", "screen stays on"),
    ],
)
def test_phone_that_is_not_ready_says_what_is_waited_for(changed: dict[str, object], phase: str, says: str) -> None:
    now = dataclasses.replace(READY, **changed)  # type: ignore[arg-type]

    found = obstacle(now, 30.0, Policy())

    assert found is not None
    assert found.phase == phase
    assert says in found.reason


@pytest.mark.parametrize("changed", [{}, {"battery_percent": 30.0}, {"zones": {1: 38.0}}])
def test_phone_within_the_limits_is_ready(changed: dict[str, object]) -> None:
    assert obstacle(dataclasses.replace(READY, **changed), 30.0, Policy()) is None  # type: ignore[arg-type]


def test_what_a_phone_does_not_tell_is_no_obstacle() -> None:
    assert obstacle(PhoneState(None, None, None, None, {}), None, Policy()) is None


class Calendar:
    """Days that pass when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now_s = 1_000_000.0
        monkeypatch.setattr("runners.phone.baseline.time.time", lambda: self._now_s)

    def pass_days(self, days: int) -> None:
        self._now_s += days * 86_400


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    return Calendar(monkeypatch)


def test_baseline_is_the_lowest_temperature_of_each_phone(tmp_path: Path) -> None:
    path = tmp_path / "baselines.json"

    seen = [Baselines(path).lower("a", degrees) for degrees in (36.0, 31.0, 50.0)]

    assert seen == [36.0, 31.0, 31.0]
    assert Baselines(path).lower("b", 35.0) == 35.0


def test_phone_that_was_put_away_and_comes_back_hot_is_known_by_the_days_before(
    tmp_path: Path, calendar: Calendar
) -> None:
    baselines = Baselines(tmp_path / "baselines.json")
    baselines.lower("a", 28.0)

    calendar.pass_days(8)

    assert baselines.lower("a", 70.0) == 28.0


def test_baseline_of_last_winter_does_not_count(tmp_path: Path, calendar: Calendar) -> None:
    baselines = Baselines(tmp_path / "baselines.json")
    baselines.lower("a", 15.0)

    for _ in range(DAYS):
        calendar.pass_days(1)
        lowest = baselines.lower("a", 33.0)

    assert lowest == 33.0


def test_phone_that_is_hot_when_it_is_first_seen_has_to_cool_down(tmp_path: Path) -> None:
    assert Baselines(tmp_path / "baselines.json").lower("a", 70.0) == CEILING_C


def test_broken_file_of_baselines_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "baselines.json").write_text("{")

    assert Baselines(tmp_path / "baselines.json").lower("a", 33.0) == 33.0
