"""The lines that the agent writes about one attempt, and their copy on the site."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime

from runners.answers import OffsetError, SiteError
from runners.client import SiteClient
from runners.privacy import public

LONGEST_LOG_BYTES = 1_000_000


class AttemptLog:
    """Best effort: a log that cannot be sent now is sent with the next heartbeat, and never delays a measurement.

    The site shows it to everyone.
    """

    def __init__(self, client: SiteClient, *, attempt_id: int, lease_token: str) -> None:
        self._client = client
        self._attempt_id = attempt_id
        self._lease_token = lease_token
        self._text = b""
        self._sent_bytes = 0
        self._lock = threading.Lock()

    def write(self, line: str) -> None:
        """Add a line; what goes beyond the limit is left out, so that offsets stay true."""
        entry = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {public(line)}\n".encode()
        with self._lock:
            if len(self._text) + len(entry) <= LONGEST_LOG_BYTES:
                self._text += entry

    def send(self) -> None:
        """Append what the site does not have yet; where the site has more or less than we think, it says so."""
        try:
            self._append_rest()
        except OffsetError as error:
            if self._resume_at(error.body.get("size")):
                with suppress(SiteError):
                    self._append_rest()
        except SiteError:
            return

    def _append_rest(self) -> None:
        """Raises: SiteError."""
        with self._lock:
            offset, rest = self._sent_bytes, self._text[self._sent_bytes :]
        if rest:
            self._client.append_log(
                attempt_id=self._attempt_id, lease_token=self._lease_token, offset=offset, text=rest
            )
            self._sent_bytes = offset + len(rest)

    def _resume_at(self, size: object) -> bool:
        """Whether `size` is a place to go on from."""
        if isinstance(size, int) and 0 <= size <= len(self._text):
            self._sent_bytes = size
            return True
        return False
