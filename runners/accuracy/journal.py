"""What is known of the first images of a dataset: lines on disk, so that a process that was killed is taken over.

The first line names what the others belong to. A line that was cut off by the end of its process does not count, nor
does one that was damaged, and what follows it.
A journal belongs to an evaluation and not to an attempt: whichever attempt comes next goes on with it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from runners.orders import evaluation_sha256
from runners.wire import Message, RunOrder, UnreadableImage


class JournalInUse(Exception):
    """Another process is writing this journal."""


def journal_path(folder: Path, order: RunOrder) -> Path:
    """Where, under a folder that outlives attempts, the journal of an order's evaluation is until it is complete."""
    return folder / f"{evaluation_sha256(order)}.journal"


class Header(Message):
    """Lines under another header are of another evaluation, other images or another engine."""

    evaluation_sha256: str
    dataset_sha256: str
    engine_release: str


class Batch(Message):
    """Shapes: `predicted` and `ranks` (images of the batch,), -1 for an unreadable one."""

    predicted: list[int]
    ranks: list[int]
    unreadable: list[UnreadableImage]


class Journal:
    """Open for appending, by one process at a time; `batches` are those that an earlier process left."""

    def __init__(self, path: Path, header: Header) -> None:
        """Raises: `JournalInUse`, OSError."""
        self._path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = path.open("a+b", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise JournalInUse(f"Another process evaluates the same network on the same images: {path}.") from None
        self._file.seek(0)
        self.batches: list[Batch] = []
        end = self._take_over(self._file.readall(), _line(header))
        self._file.truncate(end)
        if not end:
            self._write(_line(header))

    def append(self, batch: Batch) -> None:
        """Written without a buffer: it survives this process, whatever ends it.

        Raises: OSError when the disk is full.
        """
        self._write(_line(batch))
        self.batches.append(batch)

    def forget(self) -> None:
        """Keep nothing of it: the next evaluation begins with the first image."""
        self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        self._file.close()

    def _take_over(self, content: bytes, first_line: bytes) -> int:
        """Keep the batches up to the first line that is none; says how many bytes those lines have."""
        if not content.startswith(first_line):
            return 0
        found = list(_batches(content, len(first_line)))
        self.batches = [batch for batch, _ in found]
        return found[-1][1] if found else len(first_line)

    def _write(self, line: bytes) -> None:
        """A nearly full disk takes a part of the line, and refuses the rest only then."""
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise OSError(
                f"The journal {self._path} cannot be written: {error.strerror}. Make room on its disk; the images that "
                "are in it are not lost."
            ) from error


class Follower:
    """Counts the images of a journal that another process writes, reading each line once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._images = 0

    def images(self) -> int:
        """How many images the journal knows by now; 0 while there is none."""
        for batch in self._new_batches():
            self._images += len(batch.ranks)
        return self._images

    def _new_batches(self) -> Iterator[Batch]:
        """Stops before a damaged line, from which on the writer goes on."""
        try:
            with self._path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < self._offset:
                    self._offset = self._images = 0
                file.seek(self._offset)
                new = file.read()
        except FileNotFoundError:
            return
        begin, header_end = self._offset, 0 if self._offset else new.find(b"\n") + 1
        self._offset = begin + header_end
        for batch, end in _batches(new, header_end) if self._offset else ():
            self._offset = begin + end
            yield batch


def _batches(content: bytes, begin: int) -> Iterator[tuple[Batch, int]]:
    """Every batch from `begin` on and where its line ends, up to a line that is damaged or not whole."""
    while end := content.find(b"\n", begin) + 1:
        try:
            batch = Batch.model_validate_json(content[begin:end])
        except ValidationError:
            return
        if len(batch.predicted) != len(batch.ranks):
            return
        yield batch, end
        begin = end


def _line(message: Message) -> bytes:
    return message.model_dump_json().encode() + b"\n"
