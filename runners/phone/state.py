"""How a phone is at a moment: battery, heat, frequencies, screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from runners.phone.remote import Remote

CPU_ZONE = re.compile(r"^cpu", re.IGNORECASE)
PLAUSIBLE_C = (1.0, 150.0)
"""Some zones hold a charge, a voltage or the -40 of a sensor that is not there."""
MILLI_FROM = 1_000
"""Kernels give thousandths of a degree, a few of them whole degrees: no core is at 1000."""
CHARGING = ("2", "5")
"""BatteryManager's status: charging, full."""

READ = (
    "dumpsys battery; dumpsys power | grep mWakefulness=; "
    "grep -s . /sys/class/thermal/thermal_zone*/type /sys/class/thermal/thermal_zone*/temp; true"
)
TURN_SCREEN_OFF = "input keyevent 223"
"""KEYCODE_SLEEP: does nothing where the screen is off."""


@dataclass(frozen=True, slots=True)
class PhoneState:
    """None for what the phone does not tell.

    Units: degrees Celsius; `battery_percent` of a full charge. `zones`: thermal zone of a CPU -> its temperature.
    """

    battery_percent: float | None
    battery_c: float | None
    is_charging: bool | None
    is_screen_on: bool | None
    zones: dict[int, float]

    @property
    def temperature_c(self) -> float | None:
        """Of the hottest core; of the battery where no zone of a core can be read."""
        return max(self.zones.values(), default=self.battery_c)

    @property
    def temperature_from(self) -> str | None:
        """What `temperature_c` is the temperature of."""
        return "cpu" if self.zones else "battery" if self.battery_c is not None else None


def read(remote: Remote) -> PhoneState:
    """Raises: `runners.phone.adb.AdbError`."""
    return parse(remote.run(READ))


def parse(text: str) -> PhoneState:
    """The output of `READ`."""
    level, tenths, status = (_number(text, key) for key in ("level", "temperature", "status"))
    wakefulness = re.search(r"mWakefulness=(\w+)", text)
    return PhoneState(
        battery_percent=level,
        battery_c=None if tenths is None else tenths / 10,
        is_charging=None if status is None else f"{status:.0f}" in CHARGING,
        is_screen_on=None if wakefulness is None else wakefulness.group(1) == "Awake",
        zones=_cpu_zones(text),
    )


def celsius(text: str) -> float | None:
    """A reading of a thermal zone; None for one that is no temperature of a core."""
    try:
        value = float(text)
    except ValueError:
        return None
    value = value / 1000 if abs(value) >= MILLI_FROM else value
    return value if PLAUSIBLE_C[0] <= value <= PLAUSIBLE_C[1] else None


def cores_of(mask: str) -> list[int]:
    """The cores of a hexadecimal mask as `taskset` takes it."""
    bits = int(mask, 16)
    return [core for core in range(bits.bit_length()) if bits >> core & 1]


def frequency_files(cores: Sequence[int]) -> list[str]:
    return [f"/sys/devices/system/cpu/cpu{core}/cpufreq/scaling_cur_freq" for core in cores]


def permitted_files(cores: Sequence[int]) -> list[str]:
    """The highest frequency that is permitted now: the kernel's thermal limits lower it."""
    return [f"/sys/devices/system/cpu/cpu{core}/cpufreq/scaling_max_freq" for core in cores]


def zone_files(zones: Sequence[int]) -> list[str]:
    return [f"/sys/class/thermal/thermal_zone{zone}/temp" for zone in zones]


def _number(text: str, key: str) -> float | None:
    found = re.search(rf"^\s*{key}: (-?\d+)\s*$", text, re.MULTILINE)
    return float(found.group(1)) if found else None


def _cpu_zones(text: str) -> dict[int, float]:
    types, temperatures = (
        dict(re.findall(rf"thermal_zone(\d+)/{file}:(.*)$", text, re.MULTILINE)) for file in ("type", "temp")
    )
    found = {int(zone): celsius(temperatures.get(zone, "")) for zone, kind in types.items() if CPU_ZONE.match(kind)}
    return {zone: degrees for zone, degrees in found.items() if degrees is not None}
