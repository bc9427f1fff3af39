"""`adb push`, `pull` and `ls`: files of the phone.

Source: the Android platform's `packages/modules/adb/SYNC.TXT`.
"""

import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from tests.simulated_phone.stream import Stream, StreamClosed

BLOCK_BYTES = 65536
_REQUEST = struct.Struct("<4sI")
_STAT = struct.Struct("<4s3I")
_ENTRY = struct.Struct("<4s4I")


class Storage(Protocol):
    """Where the files are, and what is in the way of new ones."""

    def path(self, path: str) -> Path: ...

    def admit(self, path: str, size_bytes: int) -> None:
        """Called before a file is created, with 0, and before each block. Raises: OSError."""

    def stored_block(self, number: int) -> None:
        """Called after each block."""


@dataclass
class Sync:
    """Serves one stream until the client quits it."""

    stream: Stream
    storage: Storage

    def serve(self) -> None:
        """Raises: StreamClosed."""
        handlers = {b"STAT": self._stat, b"LIST": self._list, b"SEND": self._send, b"RECV": self._receive}
        while True:
            kind, size = self._request()
            if kind == b"QUIT" or kind not in handlers:
                return
            handlers[kind](self.stream.read_exactly(size).decode())

    def _request(self) -> tuple[bytes, int]:
        kind, size = _REQUEST.unpack(self.stream.read_exactly(_REQUEST.size))
        return kind, size

    def _stat(self, path: str) -> None:
        self.stream.write(_STAT.pack(b"STAT", *_facts(self.storage.path(path))))

    def _list(self, path: str) -> None:
        folder = self.storage.path(path)
        for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
            name = os.fsencode(entry.name)
            self.stream.write(_ENTRY.pack(b"DENT", *_facts(entry), len(name)) + name)
        self.stream.write(_ENTRY.pack(b"DONE", 0, 0, 0, 0))

    def _receive(self, path: str) -> None:
        try:
            with self.storage.path(path).open("rb") as file:
                while block := file.read(BLOCK_BYTES):
                    self.stream.write(_REQUEST.pack(b"DATA", len(block)) + block)
        except OSError as error:
            self._fail(f"open failed: {error.strerror}")
        else:
            self.stream.write(_REQUEST.pack(b"DONE", 0))

    def _send(self, target: str) -> None:
        """`path,mode`, blocks, and the time of the last change."""
        name, _, mode = target.rpartition(",")
        path = self.storage.path(name)
        try:
            self.storage.admit(name, 0)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                modified_s = self._store(name, file)
        except OSError as error:
            path.unlink(missing_ok=True)
            self._fail(f"write failed: {error.strerror}")
            self._discard()
            return
        except StreamClosed:
            path.unlink(missing_ok=True)
            raise
        os.chmod(path, stat.S_IMODE(int(mode)))
        os.utime(path, (modified_s, modified_s))
        self.stream.write(_REQUEST.pack(b"OKAY", 0))

    def _store(self, name: str, file: IO[bytes]) -> int:
        """Raises: OSError."""
        number = 0
        while True:
            kind, size = self._request()
            if kind == b"DONE":
                return size
            block = self.stream.read_exactly(size)
            self.storage.admit(name, size)
            file.write(block)
            file.flush()
            number += 1
            self.storage.stored_block(number)

    def _fail(self, text: str) -> None:
        self.stream.write(_REQUEST.pack(b"FAIL", len(text)) + text.encode())

    def _discard(self) -> None:
        """The client reads the reason only once it has sent everything."""
        while True:
            kind, size = self._request()
            if kind == b"DONE":
                return
            self.stream.read_exactly(size)


def _facts(path: Path) -> tuple[int, int, int]:
    """Mode, size, time; zeros for what is not there."""
    try:
        found = path.lstat()
    except OSError:
        return 0, 0, 0
    return found.st_mode, found.st_size & 0xFFFFFFFF, int(found.st_mtime)
