"""Times of day for what lies together: they agree with each other whatever NTP does to the clock meanwhile."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SteadyClock:
    """Reads the machine's clock once and counts on from there; a clock that is set back does not set it back."""

    def __init__(self) -> None:
        self.started_at = datetime.now(UTC)
        self._started_s = time.monotonic()

    def now(self) -> datetime:
        return self.started_at + timedelta(seconds=time.monotonic() - self._started_s)
