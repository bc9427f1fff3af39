"""Which processes are ours: written down while they run, recognised and ended after a crash of the supervisor."""

import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

# psutil derives the time from the boot time, which moves a little when the clock is adjusted.
CREATE_TIME_TOLERANCE_S = 1.0
LEFTOVER_GRACE_S = 8.0
POLL_S = 0.05
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class ProcessRecord:
    """One process, told from a later one with the same pid by its creation time.

    Units: `create_time` in seconds since the epoch.
    """

    name: str
    pid: int
    create_time: float
    stop_signal: int = signal.SIGTERM

    @classmethod
    def of(cls, pid: int, name: str, stop_signal: int = signal.SIGTERM) -> "ProcessRecord":
        """Describe a process that runs now.

        Raises: psutil.NoSuchProcess.
        """
        return cls(name, pid, psutil.Process(pid).create_time(), int(stop_signal))

    @classmethod
    def read(cls, path: Path) -> "ProcessRecord | None":
        """The record in a file; None where a crash left the file missing, empty or cut off."""
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Write the record so that a reader never sees half of it."""
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self)))
        partial.replace(path)

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.create_time) <= CREATE_TIME_TOLERANCE_S
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def send(self, number: int) -> None:
        """Signal the process if it is still ours."""
        if self.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Registry:
    """The folder of records of running children, one JSON file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, record: ProcessRecord) -> None:
        record.write(self._path(record.name))

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def records(self) -> list[ProcessRecord]:
        found = (ProcessRecord.read(path) for path in sorted(self.folder.glob("*.json")))
        return [record for record in found if record is not None]

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def end_leftovers(registry: Registry, marker: tuple[str, str], grace_s: float = LEFTOVER_GRACE_S) -> list[str]:
    """End what a killed supervisor left behind and forget it; the names of those that were still running.

    `marker` is an environment variable and value that every child has. Without it a process is never touched on the
    strength of its process group alone.
    """
    records = registry.records()
    survivors = [record for record in records if record.is_alive() or group_members(record, marker)]
    for record in survivors:
        record.send(record.stop_signal)
    deadline = time.monotonic() + grace_s
    while any(record.is_alive() for record in survivors) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    for record in survivors:
        members = group_members(record, marker)
        record.send(signal.SIGKILL)
        for member in members:
            with suppress(psutil.NoSuchProcess):
                member.kill()
    for path in registry.folder.glob("*.json"):
        path.unlink()
    return [record.name for record in survivors]


def group_members(record: ProcessRecord, marker: tuple[str, str]) -> list[psutil.Process]:
    """Processes in the group that a recorded child led, each confirmed by its environment."""
    members = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if (
                process.pid != record.pid
                and os.getpgid(process.pid) == record.pid
                and process.environ().get(marker[0]) == marker[1]
            ):
                members.append(process)
    return members


def kill_group(pid: int) -> None:
    """SIGKILL what is left of the group of a child that we started and have not forgotten yet."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def lifeline(stop_signal: int) -> Callable[[], None] | None:
    """A `preexec_fn` that makes the kernel send `stop_signal` to the child when its parent dies; None outside Linux.

    The kernel watches the parent's thread: start children from one that lives as long as they should.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie_to_parent() -> None:
        prctl(_PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return tie_to_parent
