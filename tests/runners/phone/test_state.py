from __future__ import annotations

import pytest

from runners.phone import state
from runners.phone.state import PhoneState

TEXT = """Current Battery Service state:
  AC powered: false
  USB powered: true
  status: 2
  level: 87
  scale: 100
  voltage: 4123
  temperature: 293
mWakefulness=Dozing
/sys/class/thermal/thermal_zone0/type:aoss0-usr
/sys/class/thermal/thermal_zone1/type:cpu-0-0-usr
/sys/class/thermal/thermal_zone2/type:cpu-1-3-usr
/sys/class/thermal/thermal_zone3/type:cpu-1-4-usr
/sys/class/thermal/thermal_zone4/type:vbat
/sys/class/thermal/thermal_zone0/temp:70000
/sys/class/thermal/thermal_zone1/temp:34100
/sys/class/thermal/thermal_zone2/temp:36
/sys/class/thermal/thermal_zone3/temp:-40000
/sys/class/thermal/thermal_zone4/temp:4123
"""


def test_state_has_the_cores_temperatures_and_no_other_zones() -> None:
    found = state.parse(TEXT)

    assert found == PhoneState(
        battery_percent=87, battery_c=29.3, is_charging=True, is_screen_on=False, zones={1: 34.1, 2: 36.0}
    )
    assert (found.temperature_c, found.temperature_from) == (36.0, "cpu")


def test_phone_whose_zones_cannot_be_read_gives_its_batterys_temperature() -> None:
    found = state.parse("  temperature: 293\n")

    assert (found.temperature_c, found.temperature_from) == (29.3, "battery")


def test_phone_that_tells_nothing_has_nothing() -> None:
    found = state.parse("Can't find service: battery\n")

    assert found == PhoneState(None, None, None, None, {})
    assert (found.temperature_c, found.temperature_from) == (None, None)


@pytest.mark.parametrize(("mask", "expected"), [("80", [7]), ("f0", [4, 5, 6, 7]), ("0f", [0, 1, 2, 3])])
def test_mask_names_its_cores(mask: str, expected: list[int]) -> None:
    assert state.cores_of(mask) == expected


@pytest.mark.parametrize(("text", "expected"), [("41200", 41.2), ("41", 41.0), ("-40000", None), ("", None)])
def test_reading_is_degrees_or_nothing(text: str, expected: float | None) -> None:
    assert state.celsius(text) == expected
