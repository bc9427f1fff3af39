"""A child process of a test: killed and started again at will, its output in a file."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from zooboard.up.processes import kill_group, lifeline

ROOT = Path(__file__).parents[2]
STOPS_WITHIN_S = 60.0


class Process:
    """One command, which leads a group of its own and dies with us."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log_path: Path) -> None:
        self.command = command
        self.environment = environment
        self.log_path = log_path
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        assert not self.is_running
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lifeline(signal.SIGKILL),
            )

    def kill(self) -> None:
        """`kill -9` of the process and of all it started in its group."""
        if self._process is not None:
            kill_group(self._process.pid)
            self._process.wait()

    def terminate(self) -> None:
        """SIGTERM, and after a while by force."""
        if self._process is None or self._process.poll() is not None:
            return
        os.kill(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
