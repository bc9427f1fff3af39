"""The devices that an agent offers: which are there, which must prove themselves first, and whose an order is."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runners.hardware.base import Hardware
from runners.hardware.suspects import Suspects
from runners.privacy import public
from runners.wire import DeviceOffer, FailureKind, SelfCheck

log = logging.getLogger(__name__)

FIRST_RECHECK_S = 5.0
LONGEST_RECHECK_S = 300.0
"""A device that stays ill is looked at every five minutes: whoever repairs it need not restart the agent."""
LONGEST_TEXT = 4_000
"""As many characters as a self-check's text may have on the wire."""
SUSPICIOUS = (FailureKind.DEVICE, FailureKind.INFRASTRUCTURE)
"""Failures after which a device gets no run until its self-check passes; the others are the order's or the engine's."""


@dataclass
class _Health:
    """The self-checks of one device since a failure. Units: `next_at_s` on the monotonic clock."""

    after_attempt_id: int
    check: SelfCheck | None = None
    tries: int = 0
    next_at_s: float = 0.0


class Roster:
    """One thread uses it. Only one attempt runs at a time, so no two measurements disturb each other."""

    def __init__(
        self,
        hardware: Sequence[Hardware],
        suspects: Suspects | None = None,
        *,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hardware = list(hardware)
        self._suspects = suspects or Suspects()
        self._clock_s = clock_s
        self._offered: dict[str, tuple[Hardware, DeviceOffer]] = {}
        self._health = {key: _Health(attempt_id) for key, attempt_id in self._suspects.all().items()}

    def offers(self) -> list[DeviceOffer]:
        """What is there now, each with its newest self-check; a check that is due is made first."""
        self._offered = {}
        for each in self._hardware:
            offer = self._offer_of(each)
            if offer is not None and offer.fingerprint not in self._offered:
                checked = offer.model_copy(update={"self_check": self._newest_check(each, offer.fingerprint)})
                self._offered[offer.fingerprint] = each, checked
        return [offer for _, offer in self._offered.values()]

    def clean_up(self) -> None:
        """Remove what killed attempts left on any device."""
        for each in self._hardware:
            try:
                each.clean_up()
            except Exception:
                log.exception("%s could not be cleaned.", each.label)

    def find(self, fingerprint: str) -> tuple[Hardware, DeviceOffer] | None:
        """The device of an order, as it was last offered; None for one that was not."""
        return self._offered.get(fingerprint)

    def failed(self, fingerprint: str, *, kind: FailureKind, attempt_id: int) -> None:
        """Note how an attempt ended on a device; the next offer carries the check that the failure calls for."""
        if kind in SUSPICIOUS:
            self._health[fingerprint] = _Health(attempt_id)
            self._suspects.add(fingerprint, attempt_id)

    def _offer_of(self, hardware: Hardware) -> DeviceOffer | None:
        """A bug in one device's code must not end an agent that has others: that device is then not there."""
        try:
            return hardware.offer()
        except Exception:
            log.exception("%s is not offered.", hardware.label)
            return None

    def _check(self, hardware: Hardware) -> tuple[bool, str]:
        try:
            return hardware.self_check()
        except Exception as error:
            log.exception("The self-check of %s failed.", hardware.label)
            return False, f"The self-check itself failed: {type(error).__name__}: {error}"

    def _newest_check(self, hardware: Hardware, fingerprint: str) -> SelfCheck | None:
        health = self._health.get(fingerprint)
        if health is None:
            return None
        is_well = health.check is not None and health.check.is_ok
        if not is_well and self._clock_s() >= health.next_at_s:
            is_ok, text = self._check(hardware)
            health.check = SelfCheck(
                is_ok=is_ok, text=public(text)[:LONGEST_TEXT], after_attempt_id=health.after_attempt_id
            )
            health.next_at_s = self._clock_s() + min(LONGEST_RECHECK_S, FIRST_RECHECK_S * 2**health.tries)
            health.tries = min(health.tries + 1, 16)
        return health.check
