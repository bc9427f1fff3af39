"""Waiting for what a site of several processes does; each look is a request, so it looks less often than others."""

import time
from collections.abc import Callable

from tests.patience import PATIENCE

POLL_S = 0.15


def wait_until(condition: Callable[[], object], within_s: float, *, what: Callable[[], str] = str) -> None:
    """Poll until the condition holds. Raises: AssertionError with `what` there is instead."""
    deadline = time.monotonic() + PATIENCE * within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE * within_s} s: {what()}"
        time.sleep(POLL_S)
