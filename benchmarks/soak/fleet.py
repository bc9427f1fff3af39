"""Processes with a few agents each."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import sleep

from zooboard.up.processes import lifeline

COMES_BACK_AFTER_S = 5.0
READY = b"ready\n"


class Fleet:
    """Processes with a few agents each, started one after another: their imports are nothing that a site would feel."""

    def __init__(self, groups: Sequence[Sequence[Path]], run_s: float) -> None:
        self._groups, self._run_s = list(groups), run_s
        self._processes = [self._start(group) for group in self._groups]

    def kill_one(self, index: int) -> None:
        """-9 for a process, and a new one in its place a little later."""
        self._processes[index].kill()
        self._processes[index].wait()
        sleep(COMES_BACK_AFTER_S)
        self._processes[index] = self._start(self._groups[index])

    def stop(self) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()

    def _start(self, group: Sequence[Path]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "benchmarks.soak.agents", str(self._run_s), *map(str, group)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=lifeline(signal.SIGKILL))
        assert process.stdout is not None
        if process.stdout.readline() != READY:
            raise RuntimeError("a process of the fleet does not start")
        return process
