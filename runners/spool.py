"""Results that the site has not acknowledged yet: files, so that they outlive this process."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from runners import wire
from runners.answers import SiteError

_TEMPORARY_SUFFIX = ".tmp"


class Spool:
    """A folder with one file per result; the file holds the very bytes that are sent, however often."""

    def __init__(self, folder: Path, rejected: Path) -> None:
        self._folder = folder
        self._rejected = rejected
        for leftover in folder.glob(f"*{_TEMPORARY_SUFFIX}"):
            leftover.unlink()

    def add(self, result: wire.ResultRequest) -> Path:
        """Keep a result; when this returns, it survives a power cut.

        Raises: OSError when the disk is full.
        """
        path = self._path(result.run_id, result.attempt_id)
        write_durably(path, gzip.compress(result.model_dump_json().encode(), mtime=0))
        return path

    def has(self, *, run_id: int, attempt_id: int) -> bool:
        """Whether this attempt's result waits here."""
        return self._path(run_id, attempt_id).exists()

    def pending(self) -> list[Path]:
        """Waiting results, oldest first."""
        return sorted(self._folder.glob("*.json.gz"), key=lambda path: (path.stat().st_mtime_ns, path.name))

    def acknowledge(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def set_aside(self, path: Path, error: SiteError) -> Path:
        """Keep a result that the site refuses for ever in `rejected/`, with the site's answer beside it."""
        kept = self._rejected / path.name
        answer = {
            "status": error.status,
            "detail": error.detail,
            "body": error.body,
            "refused_at": datetime.now(UTC).isoformat(),
        }
        write_durably(kept.with_suffix(".answer.json"), json.dumps(answer, indent=2).encode())
        path.rename(kept)
        return kept

    def _path(self, run_id: int, attempt_id: int) -> Path:
        return self._folder / f"{run_id}-{attempt_id}.json.gz"


def write_durably(path: Path, content: bytes) -> None:
    """Write all of a file or nothing: temporary file, fsync, rename, fsync of the folder."""
    temporary = path.with_name(path.name + _TEMPORARY_SUFFIX)
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
