"""One supervisor per state folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zooboard.up.processes import ProcessRecord


class AlreadyRunningError(Exception):
    """Another supervisor holds the lock; `owner` says which, where it has written that down already."""

    def __init__(self, owner: ProcessRecord | None) -> None:
        super().__init__(f"pid {owner.pid}" if owner else "it is just starting or stopping")
        self.owner = owner


@contextmanager
def single_instance(path: Path) -> Iterator[None]:
    """Hold the lock for the block. The kernel drops it when the process dies, however it dies.

    Raises: AlreadyRunningError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(owner_of(path)) from None
        owner_path(path).unlink(missing_ok=True)
        ProcessRecord.of(os.getpid(), "up").write(owner_path(path))
        yield
        owner_path(path).unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def owner_path(path: Path) -> Path:
    """Where the holder of the lock says who it is; the locked file itself is never replaced."""
    return path.with_suffix(".owner")


def owner_of(path: Path) -> ProcessRecord | None:
    """The process that last took the lock, if it still runs."""
    record = ProcessRecord.read(owner_path(path))
    return record if record and record.is_alive() else None
