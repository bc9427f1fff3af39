"""What changes on a host while it measures: load, frequency, temperature, and who else took the CPU."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from runners.wire import Facts

CPU_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal", "acpitz")
"""Names under which Linux reports the temperature of a CPU, best first."""

SIBLINGS_PATH = "/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"


def read() -> Facts:
    """State of the host now; what this system does not tell is None.

    Units: `load_average` over 1, 5 and 15 minutes, `frequency_mhz`, `temperature_c`.
    """
    frequency = psutil.cpu_freq()
    return {
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "frequency_mhz": round(frequency.current, 1) if frequency else None,
        "temperature_c": temperature_c(),
    }


def temperature_c() -> float | None:
    """The hottest reading of the CPU's best known sensor."""
    if not hasattr(psutil, "sensors_temperatures"):
        return None
    sensors = psutil.sensors_temperatures()
    for name in CPU_SENSORS:
        if sensors.get(name):
            return max(float(reading.current) for reading in sensors[name])
    return None


@dataclass(frozen=True, slots=True)
class Usage:
    """Counters that only grow; two readings say what happened between them."""

    at_s: float
    own_cpu_s: float
    host_busy_s: float
    host_steal_s: float
    cores_busy_s: float
    """Of the cores that were asked for."""
    cpus: tuple[int, ...]
    waits: int
    preemptions: int


def usage(cpus: Iterable[int] = ()) -> Usage:
    """The counters now; `cpus` are the logical CPUs of the cores to be watched beside the whole host."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    host = psutil.cpu_times()
    watched = tuple(cpus)
    return Usage(
        at_s=time.monotonic(),
        own_cpu_s=own.ru_utime + own.ru_stime,
        host_busy_s=busy_s(host),
        host_steal_s=float(getattr(host, "steal", 0.0)),
        cores_busy_s=cores_busy_s(watched),
        cpus=watched,
        waits=own.ru_nvcsw,
        preemptions=own.ru_nivcsw,
    )


def usage_since(before: Usage) -> Facts:
    """What took the CPUs since an earlier reading: the site's evidence for a busy host.

    Units: seconds, summed over all CPUs of the host: `others_cpu_s` by other processes, `steal_s` by the hypervisor;
    `core_others_s` by other processes on the cores that this one is pinned to, None where it is not.
    `preemptions` counts how often this process was taken off its CPU.
    """
    after = usage(before.cpus)
    own_cpu_s = after.own_cpu_s - before.own_cpu_s
    return {
        "elapsed_s": round(after.at_s - before.at_s, 3),
        "own_cpu_s": round(own_cpu_s, 3),
        "others_cpu_s": round(max(0.0, after.host_busy_s - before.host_busy_s - own_cpu_s), 3),
        "core_others_s": round(max(0.0, after.cores_busy_s - before.cores_busy_s - own_cpu_s), 3)
        if before.cpus
        else None,
        "steal_s": round(after.host_steal_s - before.host_steal_s, 3),
        "waits": after.waits - before.waits,
        "preemptions": after.preemptions - before.preemptions,
    }


def cores_busy_s(cpus: Iterable[int]) -> float:
    """Seconds that all processes together used so far of these logical CPUs and of those that share a core with them.

    Two threads of one core slow each other down without either of them waiting: no clock of the measured process sees
    that, only the other thread's use.
    """
    of_each = psutil.cpu_times(percpu=True)
    watched = {sibling for cpu in cpus for sibling in siblings(cpu)}
    return sum(busy_s(of_each[cpu]) for cpu in watched if cpu < len(of_each))


def siblings(cpu: int) -> set[int]:
    """The logical CPUs of the core that has `cpu`; that one alone where the system does not tell."""
    try:
        return parse_cpus(Path(SIBLINGS_PATH.format(cpu=cpu)).read_text())
    except (OSError, ValueError):
        return {cpu}


def parse_cpus(text: str) -> set[int]:
    """Linux's notation of a set of CPUs, "0-1,8-9". Raises: ValueError."""
    ranges = [part.partition("-") for part in text.strip().split(",")]
    return {cpu for first, _, last in ranges for cpu in range(int(first), int(last or first) + 1)}


def busy_s(times: Any) -> float:
    """Seconds of one CPU, or of all, that somebody used; guests are counted in `user` already."""
    idle_s = times.idle + float(getattr(times, "iowait", 0.0))
    return float(sum(times) - idle_s - getattr(times, "steal", 0.0) - getattr(times, "guest", 0.0))


def peak_memory_bytes() -> int:
    """Largest resident size this process had.

    Linux's `ru_maxrss` starts at the size of the process that forked this one, so its own status file is read there.
    """
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
