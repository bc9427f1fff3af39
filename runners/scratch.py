"""Temporary folders that are removed in any case: by whoever made them, or after a kill by the next call."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """A new folder, locked as long as this process lives; those of the same prefix that nobody locks are removed."""
    _remove_abandoned(prefix)
    folder, lock = _locked(prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked(prefix: str) -> tuple[Path, int]:
    """Another call may take a folder for an abandoned one before it is locked; then the next one is tried."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        lock = _try_lock(folder)
        if lock is not None:
            return folder, lock


def _remove_abandoned(prefix: str) -> None:
    """Of this user only. A process that ended, however it did, holds no lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        lock = _try_lock(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _try_lock(folder: Path) -> int | None:
    """A descriptor that holds the lock on a folder of this user that is still there; None if that cannot be had."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_uid == os.geteuid() and os.path.samestat(os.fstat(descriptor), os.stat(folder)):
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None
