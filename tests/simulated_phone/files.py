"""The phone's file system: a folder of the host with the files that an agent reads."""

import os
import uuid
from pathlib import Path

from tests.simulated_phone.hardware import PhoneHardware

# Zones of a real SM8150 and how closely each follows the cores. Not every zone is a temperature: the last three are the
# battery's charge in per cent, its voltage in mV and an absent sensor, as on real phones.
ZONES = {
    "aoss0-usr": 0.8,
    "cpu-0-0-usr": 0.9,
    "cpu-0-1-usr": 0.9,
    "cpu-1-0-usr": 0.95,
    "cpu-1-3-usr": 1.0,
    "gpuss-0-usr": 0.7,
    "quiet-therm-usr": 0.4,
    "battery": 0.2,
}
OTHER_ZONES = {"soc": "{level}", "vbat": "4123", "xo-therm-absent": "-40000"}
KERNEL = "4.14.117-simulated"


class PhoneFiles:
    """Writes the phone's files. A reader finds an old or a new file, never half of one."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.state = folder / "state"
        for path in ("data/local/tmp", "proc", "sys/class/thermal", "sdcard", "system/bin"):
            (self.root / path).mkdir(parents=True)
        (self.state / "dumpsys").mkdir(parents=True)
        self._write(self.root / "proc/version", f"Linux version {KERNEL} (simulated) #1 SMP PREEMPT\n")
        self._write(self.root / "proc/meminfo", "MemTotal:        7785848 kB\nMemAvailable:    4211008 kB\n")

    def path(self, path: str) -> Path:
        """Where a path of the phone is on the host; it never leads out of the phone."""
        return self.root / os.path.normpath("/" + path).lstrip("/")

    def set_state(self, name: str, text: str) -> None:
        """What the phone's own commands answer from."""
        self._write(self.state / name, text)

    def write_boot(self) -> None:
        """The identity of this start of the phone."""
        folder = self.root / "proc/sys/kernel/random"
        folder.mkdir(parents=True, exist_ok=True)
        self._write(folder / "boot_id", f"{uuid.uuid4()}\n")

    def write_hardware(self, hardware: PhoneHardware) -> None:
        self._write(self.root / "proc/cpuinfo", hardware.cpuinfo())
        for index, core in enumerate(hardware.cores):
            folder = self._cpufreq(index)
            folder.mkdir(parents=True, exist_ok=True)
            self._write(folder / "cpuinfo_max_freq", f"{core.maximum_khz}\n")
            self._write(folder / "cpuinfo_min_freq", f"{core.minimum_khz}\n")
            # As a phone has it whose owner is not root: between programs its cores run as slowly as they can.
            self._write(folder / "scaling_governor", "schedutil\n")
        self._write(self.root / "sys/devices/system/cpu/online", f"0-{len(hardware.cores) - 1}\n")

    def write_frequencies(self, hardware: PhoneHardware, fraction: float, *, is_busy: bool) -> None:
        """What is permitted, and what the governor makes of it: everything for a program, the least for nobody.

        Units: `fraction` of each core's maximum; little cores stay as they are, for heat does not reach them.
        """
        for index, core in enumerate(hardware.cores):
            permitted = core.maximum_khz if index < 4 else max(core.minimum_khz, round(core.maximum_khz * fraction))
            self._write(self._cpufreq(index) / "scaling_max_freq", f"{permitted}\n")
            self._write(self._cpufreq(index) / "scaling_cur_freq", f"{permitted if is_busy else core.minimum_khz}\n")

    def write_thermal_zones(self, temperatures: dict[str, float], level: float) -> None:
        """Units: degrees Celsius in, thousandths of them in the files, as the kernel has them."""
        texts = {name: f"{round(celsius * 1000)}" for name, celsius in temperatures.items()}
        texts |= {name: text.format(level=round(level)) for name, text in OTHER_ZONES.items()}
        for index, (name, text) in enumerate(texts.items()):
            zone = self.root / f"sys/class/thermal/thermal_zone{index}"
            zone.mkdir(exist_ok=True)
            self._write(zone / "type", f"{name}\n")
            self._write(zone / "temp", f"{text}\n")

    def _cpufreq(self, core: int) -> Path:
        return self.root / f"sys/devices/system/cpu/cpu{core}/cpufreq"

    @staticmethod
    def _write(path: Path, text: str) -> None:
        new = path.parent / f".{path.name}.new"
        new.write_text(text)
        new.replace(path)
