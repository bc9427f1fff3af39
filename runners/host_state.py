"""What changes on a host while it measures: load, frequency, temperature, and who else took the CPU."""

from __future__ import annotations

import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from runners.wire import Facts

CPU_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal", "acpitz")
"""Names under which Linux reports the temperature of a CPU, best first."""


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
    waits: int
    preemptions: int


def usage() -> Usage:
    own = resource.getrusage(resource.RUSAGE_SELF)
    host = psutil.cpu_times()
    steal_s = float(getattr(host, "steal", 0.0))
    idle_s = host.idle + float(getattr(host, "iowait", 0.0))
    return Usage(
        at_s=time.monotonic(),
        own_cpu_s=own.ru_utime + own.ru_stime,
        host_busy_s=sum(host) - idle_s - steal_s - float(getattr(host, "guest", 0.0)),
        host_steal_s=steal_s,
        waits=own.ru_nvcsw,
        preemptions=own.ru_nivcsw,
    )


def usage_since(before: Usage) -> Facts:
    """What took the CPUs since an earlier reading: the site's evidence for a busy host.

    Units: seconds, summed over all CPUs of the host: `others_cpu_s` by other processes, `steal_s` by the hypervisor.
    `preemptions` counts how often this process was taken off its CPU.
    """
    after = usage()
    own_cpu_s = after.own_cpu_s - before.own_cpu_s
    return {
        "elapsed_s": round(after.at_s - before.at_s, 3),
        "own_cpu_s": round(own_cpu_s, 3),
        "others_cpu_s": round(max(0.0, after.host_busy_s - before.host_busy_s - own_cpu_s), 3),
        "steal_s": round(after.host_steal_s - before.host_steal_s, 3),
        "waits": after.waits - before.waits,
        "preemptions": after.preemptions - before.preemptions,
    }


def peak_memory_bytes() -> int:
    """Largest resident size this process had.

    Linux's `ru_maxrss` starts at the size of the process that forked this one, so its own status file is read there.
    """
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
