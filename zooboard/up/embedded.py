"""What the embedded servers share: prepared once, started as our child, stopped with us."""

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from zooboard.up.processes import POLL_S, kill_group, lifeline

READY_WITHIN_S = 30.0
STOP_WITHIN_S = 8.0


class ServerFailedError(RuntimeError):
    """An embedded server could not be prepared or did not answer."""


def package_dir(package: str) -> Path:
    """Folder of an installed package, found without importing it.

    Raises: ServerFailedError.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailedError(f"The Python package {package} is not installed; `make up` installs it.")
    return Path(spec.submodule_search_locations[0])


class EmbeddedServer(ABC):
    """A server program from a Python package, on a Unix socket of its own.

    As a context manager it runs for the block, started from the calling thread, which has to outlive it. The supervisor
    uses `prepare`, `command` and `is_ready` instead, and runs the process itself.
    """

    name: str
    # The setting that names a real server instead.
    variable: str
    stop_signal: signal.Signals = signal.SIGTERM

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Address for clients."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the data folder usable: create it once, clear what a crash left."""

    @abstractmethod
    def command(self) -> list[str]:
        """The server as one foreground process."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether a client gets an answer now."""

    def start(self) -> None:
        """Prepare, start and wait until it answers; its log goes to `log_path`.

        Raises: ServerFailedError.
        """
        self.prepare()
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lifeline(self.stop_signal),
            )
        deadline = time.monotonic() + READY_WITHIN_S
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerFailedError(f"{self.name} did not start; the reason is at the end of {self.log_path}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Stop it in order, and after `STOP_WITHIN_S` by force."""
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            kill_group(self.process.pid)
            self.process.wait()
        self.process = None

    @property
    @abstractmethod
    def log_path(self) -> Path:
        """Where `start` sends the server's log."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
