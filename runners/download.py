"""Fetching one file of an artifact, resumed where the last try stopped."""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path

import httpx

from runners import wire
from runners.answers import OffsetError, RetryableError
from runners.client import SiteClient
from runners.retry import Backoff

TRIES_WITHOUT_PROGRESS = 6
"""With the longest waits that is about a quarter of a minute; then the run goes back for another attempt."""


class ArtifactError(Exception):
    """The artifact cannot be had as its manifest describes it; `str()` names both hashes where they differ."""


class DownloadStopped(Exception):
    """The attempt was stopped while it waited for its artifact."""


def fetch(
    client: SiteClient, artifact_sha256: str, file: wire.ArtifactFile, part: Path, *, should_stop: threading.Event
) -> None:
    """Fill `part` until it is the whole file, and check its hash.

    Raises: ArtifactError, DownloadStopped, OSError, and SiteError where asking again is useless.
    """
    backoff, failures = Backoff(), 0
    while not should_stop.is_set():
        size_before = _size(part)
        try:
            _transfer(client, artifact_sha256, file, part, should_stop=should_stop)
            verify(part, file)
            return
        except OffsetError:
            part.unlink(missing_ok=True)
            failures += 1
            if failures >= TRIES_WITHOUT_PROGRESS:
                raise
        except RetryableError as error:
            failures = 1 if _size(part) > size_before else failures + 1
            if failures >= TRIES_WITHOUT_PROGRESS:
                raise
            should_stop.wait(backoff.next_s(error))
    raise DownloadStopped


def verify(path: Path, file: wire.ArtifactFile) -> None:
    """Delete the file unless its hash is the manifest's.

    Raises: ArtifactError, OSError.
    """
    with open(path, "rb") as content:
        actual = hashlib.file_digest(content, "sha256").hexdigest()
    if actual == file.sha256:
        return
    size_bytes = path.stat().st_size
    path.unlink()
    raise ArtifactError(
        f"{file.name} has sha256 {actual} ({size_bytes} bytes), its manifest says {file.sha256} "
        f"({file.size_bytes} bytes). The copy was deleted; the next attempt fetches it again."
    )


def _transfer(
    client: SiteClient, artifact_sha256: str, file: wire.ArtifactFile, part: Path, *, should_stop: threading.Event
) -> None:
    offset = _size(part)
    if offset == file.size_bytes and part.exists():
        return
    with client.artifact_file(artifact_sha256, file.name, offset=offset) as response:
        mode = "ab" if _continues_at(response, offset) else "wb"
        with open(part, mode) as target:
            for chunk in response.iter_raw():
                target.write(chunk)
                if should_stop.is_set():
                    raise DownloadStopped
                if target.tell() > file.size_bytes:
                    return  # Too long to be the file: the hash will say so, and the disk stays free.


def _continues_at(response: httpx.Response, offset: int) -> bool:
    """Whether the body is the rest of the file from `offset` on."""
    if response.status_code != 206:
        return False
    stated = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    if stated is None or int(stated[1]) != offset:
        raise OffsetError(f"The site sent another range than the one from byte {offset}.", status=206)
    return True


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
