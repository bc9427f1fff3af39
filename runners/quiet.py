"""What an agent does when somebody else uses the cores that it is about to measure on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from enum import StrEnum

from runners import host_state
from runners.statistics.host import find_busy_neighbours, find_core_sharing, find_overload
from runners.supervise import AttemptFailed, Stopped
from runners.wire import FailureKind

WATCH_S = 0.5
"""Long enough that ten milliseconds, the clock tick of many kernels, are 2 % of it."""

TELL_EVERY_S = 30.0
"""How often a wait is told about: it is looked at far more often than anybody wants to read."""

LONGEST_WAIT_S = 300.0
"""A load average needs about three minutes to forget a burst."""


class BusyHost(StrEnum):
    """What to do about a busy host."""

    FLAG = "flag"
    """Measure anyway; the samples show it and the value is marked."""
    REFUSE = "refuse"
    """Wait for a quiet host, and give up when there is none."""


def why_busy(
    *, core_share: float, neighbour_cores: float, load_average: float, logical_cores: int, measured_cores: int
) -> str | None:
    """What speaks against measuring now, by the limits that would flag the samples; None on a quiet host.

    Units: seconds per second that others used: `core_share` on the cores to measure on, `neighbour_cores` elsewhere.
    """
    found = [
        find_core_sharing([core_share]),
        find_busy_neighbours([neighbour_cores], logical_cores - measured_cores),
        find_overload([load_average], logical_cores),
    ]
    return " ".join(sentence for sentence in found if sentence) or None


def look(cpus: Iterable[int], should_stop: threading.Event) -> str | None:
    """Watch these logical CPUs and the host, on which nothing of ours runs, for a moment; why they are busy, or None.

    Raises: `Stopped`.
    """
    before = host_state.usage(cpus)
    if should_stop.wait(WATCH_S):
        raise Stopped("Stopped on request.")
    used = host_state.usage_since(before)
    shared_s = used["core_others_s"] or 0.0
    return why_busy(
        core_share=shared_s / used["elapsed_s"],
        neighbour_cores=(used["others_cpu_s"] - shared_s) / used["elapsed_s"],
        load_average=os.getloadavg()[0],
        logical_cores=os.cpu_count() or 1,
        measured_cores=len(before.cpus),
    )


def wait_until_quiet(cpus: Iterable[int], *, should_stop: threading.Event, on_wait: Callable[[str], None]) -> None:
    """Return as soon as the host is quiet; `on_wait` is told why it is not, at once and then every `TELL_EVERY_S`.

    Raises: `AttemptFailed` of the device after LONGEST_WAIT_S, `Stopped`.
    """
    tell_at_s = time.monotonic()
    ends_at_s = tell_at_s + LONGEST_WAIT_S
    while reason := look(cpus, should_stop):
        if time.monotonic() >= ends_at_s:
            waited = f"The host did not become quiet in {LONGEST_WAIT_S:.0f} s."
            advice = "Stop what else runs there, or start the agent with --busy-host flag."
            raise AttemptFailed(FailureKind.DEVICE, f"{waited} {reason} {advice}")
        if time.monotonic() >= tell_at_s:
            on_wait(reason)
            tell_at_s = time.monotonic() + TELL_EVERY_S
