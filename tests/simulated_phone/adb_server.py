"""A private adb server, so that a test neither sees nor stops the one that a developer's phones hang on."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.adb import ADVICE
from tests.simulated_phone.phone import SimulatedPhone

CALL_S = 60
# The server looks for emulators on the ports below this one; none is so low.
NO_EMULATORS = {"ADB_LOCAL_TRANSPORT_MAX_PORT": "5554"}


class AdbServer:
    """The real server on a port of its own, with keys of its own; context manager.

    Raises: FileNotFoundError where there is no adb, with what to do about it.
    """

    def __init__(self, folder: Path) -> None:
        program = shutil.which("adb")
        if program is None:
            raise FileNotFoundError(ADVICE)
        self.program = program
        self.port = _free_port()
        self.environment = {
            **os.environ,
            **NO_EMULATORS,
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "ANDROID_ADB_SERVER_PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        ready, told = os.pipe()
        command = [self.program, "-L", f"tcp:{self.port}", "fork-server", "server", "--reply-fd", str(told)]
        self._process = subprocess.Popen(
            command, env=self.environment, pass_fds=[told], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(told)
        with open(ready, "rb") as answer:
            if answer.read(2) != b"OK":
                raise RuntimeError(f"adb could not start a server on port {self.port}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def run(self, *arguments: str, timeout_s: float = CALL_S) -> subprocess.CompletedProcess[str]:
        """One call of the adb client, with its exit code and what it printed.

        Raises: subprocess.TimeoutExpired.
        """
        return subprocess.run(
            [self.program, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
        )

    def connect(self, phone: SimulatedPhone) -> str:
        """`adb connect`; what it said. A connection that was lost has to be given up first, or nothing is tried."""
        self.run("disconnect", phone.serial)
        return self.run("connect", phone.serial).stdout.strip()

    def shell(self, phone: SimulatedPhone, command: str) -> subprocess.CompletedProcess[str]:
        """`adb shell` on that phone."""
        return self.run("-s", phone.serial, "shell", command)

    def state(self, phone: SimulatedPhone) -> str | None:
        """What `adb devices` says of it: "device", "offline", "unauthorized", or None."""
        rows = (line.split("\t") for line in self.run("devices").stdout.splitlines())
        return dict(row for row in rows if len(row) == 2).get(phone.serial)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
