"""What is read from a phone while a benchmark program runs on it: temperature, frequencies, battery, once a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from runners.phone import state
from runners.phone.adb import AdbError
from runners.phone.remote import Remote
from runners.wire import Facts

EVERY_S = 1.0
LONGEST_READ_S = 5.0
BATTERY_FILE = "/sys/class/power_supply/battery/capacity"
"""A plain file, where the phone lets the shell read it: asking a service would wake half of the system."""
MOST_KEPT = 300
"""Samples in the record, the newest of them; the extremes are of all."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Units: `at_s` since the start; degrees Celsius; kHz by core; per cent. None for what could not be read."""

    at_s: float
    temperature_c: float | None
    frequencies_khz: dict[int, int]
    battery_percent: float | None

    def as_facts(self) -> Facts:
        return {
            "at_s": round(self.at_s, 2),
            "temperature_c": self.temperature_c,
            "frequencies_khz": {str(core): khz for core, khz in self.frequencies_khz.items()},
            "battery_percent": self.battery_percent,
        }


@dataclass(frozen=True, slots=True)
class Watch:
    """What is read: the thermal zones of CPUs, and the cores of the mask. The reading itself stays on other cores."""

    zones: Sequence[int]
    cores: Sequence[int]
    reading_mask: str

    @property
    def command(self) -> str:
        files = [*state.zone_files(self.zones), *state.frequency_files(self.cores), BATTERY_FILE]
        # One process for all of it; `grep` names the file in each line, so that one that cannot be read shifts nothing.
        return f"taskset {self.reading_mask} grep -s . {' '.join(files)}; true"

    def parse(self, text: str, at_s: float) -> Sample:
        values = dict(line.strip().rsplit(":", 1) for line in text.splitlines() if ":" in line)
        zones = [state.celsius(values.get(file, "")) for file in state.zone_files(self.zones)]
        pairs = zip(self.cores, state.frequency_files(self.cores), strict=True)
        battery = values.get(BATTERY_FILE, "")
        return Sample(
            at_s=at_s,
            temperature_c=max((zone for zone in zones if zone is not None), default=None),
            frequencies_khz={core: int(values[file]) for core, file in pairs if values.get(file, "").isdigit()},
            battery_percent=float(battery) if battery.isdigit() else None,
        )


@dataclass
class Sampler:
    """Reads in a thread of its own from `with` to its end; the first sample is taken at once."""

    remote: Remote
    watch: Watch
    samples: list[Sample] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="phone-sampler", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(2 * LONGEST_READ_S)

    def _run(self) -> None:
        started_s = time.monotonic()
        while True:
            try:
                text = self.remote.run(self.watch.command, timeout_s=LONGEST_READ_S)
            except AdbError:
                # Whether the phone is still there is found out by whoever runs the program; here a sample is missing.
                text = ""
            if text:
                self.samples.append(self.watch.parse(text, time.monotonic() - started_s))
            if self._over.wait(EVERY_S):
                return
