"""What is read from a phone while a benchmark program runs on it: temperature, frequencies, battery."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from runners.phone import state
from runners.phone.adb import AdbError
from runners.phone.remote import Remote
from runners.wire import Facts

EVERY_S = 1.0
OFTEN_S = 0.2
OFTEN_FOR_S = 3.0
"""Small networks are done within a second or two, of which one reading says nothing."""
LONGEST_READ_S = 5.0
BATTERY_FILE = "/sys/class/power_supply/battery/capacity"
"""A plain file, where the phone lets the shell read it: asking a service would wake half of the system."""
MOST_KEPT = 300
"""Samples in the record, the newest of them; the extremes are of all."""
RUNNING = "zooboard-running"


@dataclass(frozen=True, slots=True)
class Sample:
    """Units: `at_s` since the start; degrees Celsius; kHz by core; per cent. None for what could not be read.

    `is_running`: the program had been started and had not ended.
    """

    at_s: float
    is_running: bool
    temperature_c: float | None
    frequencies_khz: dict[int, int]
    permitted_khz: dict[int, int]
    battery_percent: float | None

    def as_facts(self) -> Facts:
        return {
            "at_s": round(self.at_s, 2),
            "is_running": self.is_running,
            "temperature_c": self.temperature_c,
            "frequencies_khz": {str(core): khz for core, khz in self.frequencies_khz.items()},
            "permitted_khz": {str(core): khz for core, khz in self.permitted_khz.items()},
            "battery_percent": self.battery_percent,
        }


@dataclass(frozen=True, slots=True)
class Watch:
    """What is read: the thermal zones of CPUs, and the cores that the program may use. The reading stays on others.

    `pid_file`: where the shell that runs the program has left its number.
    """

    zones: Sequence[int]
    cores: Sequence[int]
    reading_mask: str
    pid_file: str

    @property
    def command(self) -> str:
        clocks = [*state.frequency_files(self.cores), *state.permitted_files(self.cores)]
        files = [*state.zone_files(self.zones), *clocks, BATTERY_FILE]
        # Built into the shell, so that nothing is started on the cores that are measured.
        is_running = f"read pid < {self.pid_file} && kill -0 $pid && echo {RUNNING}"
        # One process for all of it; `grep` names the file in each line, so that one that cannot be read shifts nothing.
        return f"{is_running}; taskset {self.reading_mask} grep -s . {' '.join(files)}; true"

    def parse(self, text: str, at_s: float) -> Sample:
        lines = text.splitlines()
        values = dict(line.strip().rsplit(":", 1) for line in lines if ":" in line)
        zones = [state.celsius(values.get(file, "")) for file in state.zone_files(self.zones)]
        battery = values.get(BATTERY_FILE, "")
        return Sample(
            at_s=at_s,
            is_running=RUNNING in lines,
            temperature_c=max((zone for zone in zones if zone is not None), default=None),
            frequencies_khz=self._by_core(values, state.frequency_files(self.cores)),
            permitted_khz=self._by_core(values, state.permitted_files(self.cores)),
            battery_percent=float(battery) if battery.isdigit() else None,
        )

    def _by_core(self, values: Mapping[str, str], files: Sequence[str]) -> dict[int, int]:
        read = ((core, values.get(file, "")) for core, file in zip(self.cores, files, strict=True))
        return {core: int(text) for core, text in read if text.isdigit()}


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
            is_early = time.monotonic() - started_s < OFTEN_FOR_S
            if self._over.wait(OFTEN_S if is_early else EVERY_S):
                return
