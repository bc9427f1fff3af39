"""Waiting between tries of the same call."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import TypeVar

from runners.answers import RetryableError

T = TypeVar("T")

FIRST_WAIT_S = 0.5
LONGEST_BACKOFF_S = 30.0
LEAST_SHARE = 0.9
_jitter = random.SystemRandom()


class Backoff:
    """Exponential waits with jitter, so that a thousand agents do not return in the same second."""

    def __init__(self, *, first_s: float = FIRST_WAIT_S, cap_s: float = LONGEST_BACKOFF_S) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._failures = 0

    def next_s(self, error: RetryableError) -> float:
        """Units: seconds; at least what the site asked for."""
        ceiling_s = min(self._cap_s, self._first_s * 2 ** min(self._failures, 16))
        self._failures += 1
        return max(error.retry_after_s or 0.0, _jitter.uniform(ceiling_s / 2, ceiling_s))

    def reset(self) -> None:
        self._failures = 0


def spread(every_s: float) -> float:
    """A little less than it, and never the same: agents that began together do not stay together."""
    return _jitter.uniform(LEAST_SHARE * every_s, every_s)


def until_answered(call: Callable[[], T], *, stop: threading.Event, on_wait: Callable[[str], None]) -> T | None:
    """Repeat `call` while its error is retryable; None when `stop` is set before an answer came."""
    backoff = Backoff()
    while not stop.is_set():
        try:
            return call()
        except RetryableError as error:
            wait_s = backoff.next_s(error)
            on_wait(f"{error} Next try in {wait_s:.0f} s.")
            stop.wait(wait_s)
    return None
