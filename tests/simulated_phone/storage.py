"""The data partition: how much fits, and whether it takes anything."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from tests.simulated_phone.files import PhoneFiles
from tests.simulated_phone.moments import Moment

CAPACITY_BYTES = 112_000_000_000
TEMPORARY = "/data/local/tmp"


class DataPartition:
    """Lets files of a push in or refuses them, and tells at which moment of it they are."""

    def __init__(self, files: PhoneFiles, reach: Callable[[Moment], None]) -> None:
        self._files = files
        self._reach = reach
        self._read_only = files.state / "read_only"
        self._capacity_bytes = self._free_bytes = CAPACITY_BYTES
        self.restore()

    def restore(self) -> None:
        self._read_only.unlink(missing_ok=True)
        self._set_capacity(CAPACITY_BYTES)

    def fill(self, left_bytes: int) -> None:
        self._set_capacity(self._used_bytes() + left_bytes)

    def make_read_only(self) -> None:
        self._read_only.touch()

    def path(self, path: str) -> Path:
        return self._files.path(path)

    def admit(self, path: str, size_bytes: int) -> None:
        """Raises: OSError where the file cannot be created, or its next block not be written."""
        if size_bytes == 0:
            self._reach(Moment.BEFORE_PUSH)
            self._free_bytes = self._capacity_bytes - self._used_bytes()
        if self._read_only.exists():
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        if self._free_bytes < size_bytes or self._free_bytes <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        self._free_bytes -= size_bytes

    def stored_block(self, number: int) -> None:
        if number == 1:
            self._reach(Moment.DURING_PUSH)
            # What happened at this moment may have taken the space away.
            self._free_bytes = self._capacity_bytes - self._used_bytes()

    def leftovers(self) -> list[str]:
        """Every file and folder of /data/local/tmp, as the phone names them."""
        folder = self._files.path(TEMPORARY)
        return sorted(f"{TEMPORARY}/{path.relative_to(folder)}" for path in folder.rglob("*"))

    def _set_capacity(self, capacity_bytes: int) -> None:
        self._capacity_bytes = self._free_bytes = capacity_bytes
        self._files.set_state("capacity_kib", str(capacity_bytes // 1024))

    def _used_bytes(self) -> int:
        return sum(path.lstat().st_size for path in self._files.path("/data").rglob("*") if path.is_file())
