"""What is known of the first images of a dataset: lines on disk, so that a process that was killed is taken over.

The first line names what the others belong to. A line that was cut off by the end of its process does not count.
A journal belongs to an evaluation and not to an attempt: whichever attempt comes next goes on with it.
"""

from __future__ import annotations

import fcntl
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
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = path.open("a+b", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise JournalInUse(f"Another process evaluates the same network on the same images: {path}.") from None
        self._file.seek(0)
        lines = [line for line in self._file.readall().splitlines(keepends=True) if line.endswith(b"\n")]
        self.batches: list[Batch] = []
        if lines and lines[0] == _line(header):
            self.batches = [Batch.model_validate_json(line) for line in lines[1:]]
        else:
            lines = []
        self._file.truncate(sum(map(len, lines)))
        if not lines:
            self._file.write(_line(header))

    def append(self, batch: Batch) -> None:
        """One write without a buffer: it survives this process, whatever ends it."""
        self.batches.append(batch)
        self._file.write(_line(batch))

    def close(self) -> None:
        self._file.close()


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
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                new = file.read()
        except FileNotFoundError:
            return
        whole, newline, _ = new.rpartition(b"\n")
        is_first, self._offset = self._offset == 0, self._offset + len(whole + newline)
        for line in whole.splitlines()[1 if is_first else 0 :]:
            try:
                yield Batch.model_validate_json(line)
            except ValidationError:
                continue


def _line(message: Message) -> bytes:
    return message.model_dump_json().encode() + b"\n"
