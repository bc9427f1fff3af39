"""Waiting for something that another process does."""

import time
from collections.abc import Callable

from tests.patience import PATIENCE

POLL_S = 0.02


def wait_until(condition: Callable[[], object], within_s: float = 10.0) -> None:
    """Poll until the condition holds. Raises: AssertionError after `within_s` on a quiet machine."""
    deadline = time.monotonic() + PATIENCE * within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE * within_s} s: {condition}"
        time.sleep(POLL_S)
