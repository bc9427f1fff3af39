"""What is done about a GPU on which others compute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from runners.gpu.state import GpuState
from runners.quiet import BusyHost
from runners.supervise import AttemptFailed, Stopped
from runners.wire import FailureKind

LOOK_EVERY_S = 5.0
LONGEST_WAIT_S = 300.0


def wait_until_free(
    read: Callable[[], GpuState],
    policy: BusyHost,
    *,
    should_stop: threading.Event,
    on_wait: Callable[[], None],
    every_s: float = LOOK_EVERY_S,
    longest_s: float = LONGEST_WAIT_S,
) -> int | None:
    """How many other processes compute on the GPU as the attempt begins; None where the driver does not tell.

    With `BusyHost.REFUSE` it waits until there is none; `on_wait` is called whenever there is one.

    Raises: `AttemptFailed` of the device after `longest_s`, `Stopped`.
    """
    ends_at_s = time.monotonic() + longest_s
    while (others := read().processes) and policy == BusyHost.REFUSE:
        if time.monotonic() >= ends_at_s:
            reason = (
                f"{others} other processes compute on the GPU. Stop them, or start the agent with --busy-host flag."
            )
            raise AttemptFailed(FailureKind.DEVICE, reason)
        on_wait()
        if should_stop.wait(every_s):
            raise Stopped("Stopped on request.")
    return others
