"""The devices whose last attempt may have failed by their own fault, kept on disk so that a restart forgets none."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from runners.spool import write_durably

_ATTEMPTS = TypeAdapter(dict[str, int])


class Suspects:
    """Fingerprint -> id of the attempt that failed.

    An entry stays: the check that it causes at each start takes seconds, and the site may not have heard of the last.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Without a path nothing outlives the process."""
        self._path = path
        self._attempts: dict[str, int] = {}
        if path is not None:
            with suppress(OSError, ValidationError):
                self._attempts = _ATTEMPTS.validate_json(path.read_bytes())

    def all(self) -> dict[str, int]:
        return dict(self._attempts)

    def add(self, fingerprint: str, attempt_id: int) -> None:
        self._attempts[fingerprint] = attempt_id
        if self._path is not None:
            # A full disk must not hide the failure that is being noted: then a restart forgets it, and that is all.
            with suppress(OSError):
                write_durably(self._path, json.dumps(self._attempts).encode())
