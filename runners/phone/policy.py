"""When a phone may be measured: charged, cool and with its screen off; the wait until it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from runners.phone import state
from runners.phone.remote import Remote
from runners.phone.state import PhoneState
from runners.supervise import AttemptFailed, Stopped
from runners.wire import Facts, FailureKind

LEAST_BATTERY_PERCENT = 30.0
"""Below it phones begin to save energy, and a long run might end with the phone off."""
WARMER_BY_C = 8.0
"""How far above its baseline a phone may start: an SM8150 idles within a few degrees, and throttles some 40 above."""
LOOK_EVERY_S = 5.0
"""Looking wakes the phone, so a closer watch would keep it warm."""
LONGEST_WAIT_S = 1_800.0
"""Cooling down takes minutes, charging from 20 to 30 per cent about half an hour: what takes longer needs a person."""


class Policy(BaseModel):
    """What a lab may set: how long it waits, and stricter limits than the protocols', never laxer ones.

    Units: as the names say; `warmer_by_c` above the phone's baseline.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_battery_percent: float = Field(default=LEAST_BATTERY_PERCENT, ge=LEAST_BATTERY_PERCENT, le=100)
    warmer_by_c: float = Field(default=WARMER_BY_C, gt=0, le=WARMER_BY_C)
    look_every_s: float = Field(default=LOOK_EVERY_S, gt=0, le=60)
    longest_wait_s: float = Field(default=LONGEST_WAIT_S, ge=0, le=LONGEST_WAIT_S)

    def facts(self) -> Facts:
        """As recorded with the attempt."""
        return {"least_battery_percent": self.least_battery_percent, "warmer_by_c": self.warmer_by_c}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a phone is not ready, as a phase of the progress and as a sentence with its numbers."""

    phase: str
    reason: str


def obstacle(now: PhoneState, baseline_c: float | None, policy: Policy) -> Obstacle | None:
    """What is to be waited for; None for a phone that is ready. What it does not tell is no obstacle."""
    if now.battery_percent is not None and now.battery_percent < policy.least_battery_percent:
        charging = "is charging" if now.is_charging else "is not charging: connect it to a charger"
        return Obstacle(
            "charging",
            f"its battery has {now.battery_percent:.0f} %, {policy.least_battery_percent:.0f} % are needed, and it "
            f"{charging}",
        )
    if now.temperature_c is not None and baseline_c is not None:
        limit_c = baseline_c + policy.warmer_by_c
        if now.temperature_c > limit_c:
            return Obstacle(
                "cooling down",
                f"it is at {now.temperature_c:.1f} °C, and at most {limit_c:.1f} °C is allowed at the start "
                f"({policy.warmer_by_c:.0f} above its baseline of {baseline_c:.1f})",
            )
    if now.is_screen_on:
        return Obstacle("waiting for the screen to go off", "its screen stays on: let nobody and no app use it")
    return None


def wait_until_ready(
    remote: Remote,
    *,
    policy: Policy,
    baseline_of: Callable[[float], float],
    should_stop: threading.Event,
    on_wait: Callable[[str], None],
) -> tuple[PhoneState, float | None]:
    """The state in which the phone is ready, and its baseline. `on_wait` is told the phase of every wait.

    Raises: `AttemptFailed` of the device after the limit, `Stopped`, `runners.phone.adb.AdbError`.
    """
    ends_at_s = time.monotonic() + policy.longest_wait_s
    while True:
        now = state.read(remote)
        baseline_c = None if now.temperature_c is None else baseline_of(now.temperature_c)
        found = obstacle(now, baseline_c, policy)
        if found is None:
            return now, baseline_c
        if time.monotonic() > ends_at_s:
            reason = f"The phone was not ready within {policy.longest_wait_s:.0f} s: {found.reason}."
            raise AttemptFailed(FailureKind.DEVICE, reason)
        if now.is_screen_on:
            remote.shell(state.TURN_SCREEN_OFF)
        on_wait(found.phase)
        if should_stop.wait(policy.look_every_s):
            raise Stopped("Stopped on request.")
