"""The phone's files tell its condition."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulated_phone.condition import AMBIENT_C, Condition
from tests.simulated_phone.files import PhoneFiles
from tests.simulated_phone.hardware import SNAPDRAGON_855, SNAPDRAGON_855_PLUS


@pytest.fixture
def files(tmp_path: Path) -> PhoneFiles:
    return PhoneFiles(tmp_path)


@pytest.fixture
def condition(files: PhoneFiles) -> Condition:
    return Condition(files, SNAPDRAGON_855)


def khz(files: PhoneFiles, core: int, name: str = "scaling_cur_freq") -> int:
    return int(files.path(f"/sys/devices/system/cpu/cpu{core}/cpufreq/{name}").read_text())


def hottest_core_c(files: PhoneFiles) -> float:
    folder = files.path("/sys/class/thermal")
    zones = {(zone / "type").read_text().strip(): (zone / "temp").read_text() for zone in folder.iterdir()}
    return int(zones["cpu-1-3-usr"]) / 1000


def test_a_cool_phone_runs_at_its_highest_frequencies_while_a_program_runs(
    files: PhoneFiles, condition: Condition
) -> None:
    before = [khz(files, core) for core in range(8)]
    condition.work()
    meanwhile = [khz(files, core) for core in range(8)]
    condition.idle()

    assert before == [khz(files, core) for core in range(8)] == [300000] * 4 + [710400] * 3 + [825600]
    assert meanwhile == [1785600] * 4 + [2419200] * 3 + [2841600]


def test_heat_permits_the_big_cores_less_and_says_so(files: PhoneFiles, condition: Condition) -> None:
    condition.work()
    condition.heat(95.0)

    assert hottest_core_c(files) == 95.0
    assert khz(files, 7) == khz(files, 7, "scaling_max_freq") == 2841600 // 2
    assert khz(files, 0) == 1785600
    assert "Thermal Status: 2" in (files.state / "dumpsys/thermalservice").read_text()


def test_it_cools_down_a_little_with_every_look_and_never_below_the_room(
    files: PhoneFiles, condition: Condition
) -> None:
    condition.heat(40.0, cools_by_c=8.0)

    seen = []
    for _ in range(3):
        condition.looked_at("cat /sys/class/thermal/thermal_zone0/temp")
        seen.append(hottest_core_c(files))

    assert seen == [32.0, AMBIENT_C, AMBIENT_C]


def test_the_battery_charges_with_every_look(files: PhoneFiles, condition: Condition) -> None:
    condition.drain_battery(12.0, charges_by=10.0)
    condition.looked_at("dumpsys battery")

    assert "  level: 22\n" in (files.state / "dumpsys/battery").read_text()


def test_the_screen_is_off_until_somebody_wakes_it(files: PhoneFiles, condition: Condition) -> None:
    asleep = (files.state / "dumpsys/power").read_text()
    condition.screen_on()

    assert "mWakefulness=Asleep" in asleep
    assert "mWakefulness=Awake" in (files.state / "dumpsys/power").read_text()


def test_an_855_plus_says_all_that_an_855_says_but_for_its_fastest_core(
    files: PhoneFiles, condition: Condition
) -> None:
    before = (files.state / "properties").read_text(), files.path("/proc/cpuinfo").read_text()
    condition.become(SNAPDRAGON_855_PLUS)

    assert ((files.state / "properties").read_text(), files.path("/proc/cpuinfo").read_text()) == before
    assert khz(files, 7, "cpuinfo_max_freq") == 2956800


def test_restoring_takes_heat_charge_and_light_back(files: PhoneFiles, condition: Condition) -> None:
    condition.heat(95.0)
    condition.drain_battery(3.0)
    condition.throttle(0.5)
    condition.screen_on()
    condition.restore()

    assert (hottest_core_c(files), khz(files, 7, "scaling_max_freq")) == (AMBIENT_C, 2841600)
    assert "level: 87" in (files.state / "dumpsys/battery").read_text()
    assert "Asleep" in (files.state / "dumpsys/power").read_text()
