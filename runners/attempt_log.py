"""The lines that the agent writes about one attempt, and their copy on the site."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from runners.answers import OffsetError, SiteError
from runners.client import SiteClient

LONGEST_LOG_BYTES = 1_000_000


class AttemptLog:
    """Best effort: a log that cannot be sent now is sent with the next heartbeat, and never delays a measurement."""

    def __init__(self, client: SiteClient, *, attempt_id: int, lease_token: str) -> None:
        self._client = client
        self._attempt_id = attempt_id
        self._lease_token = lease_token
        self._text = b""
        self._sent_bytes = 0
        self._lock = threading.Lock()

    def write(self, line: str) -> None:
        """Add a line; what goes beyond the limit is left out, so that offsets stay true."""
        entry = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n".encode()
        with self._lock:
            if len(self._text) + len(entry) <= LONGEST_LOG_BYTES:
                self._text += entry

    def send(self) -> None:
        """Append what the site does not have yet; where the site has more or less than we think, it says so."""
        with self._lock:
            rest = self._text[self._sent_bytes :]
        if not rest:
            return
        try:
            self._client.append_log(
                attempt_id=self._attempt_id, lease_token=self._lease_token, offset=self._sent_bytes, text=rest
            )
            self._sent_bytes += len(rest)
        except OffsetError as error:
            self._resume_at(error.body.get("size"))
        except SiteError:
            return

    def _resume_at(self, size: object) -> None:
        if isinstance(size, int) and 0 <= size <= len(self._text):
            self._sent_bytes = size
