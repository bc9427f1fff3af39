"""The adb client as a subprocess: every call has an explicit server, a time limit and a limit to what it prints."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO

from runners.supervise import Stopped
from runners.wire import FailureKind

DEFAULT_PORT = 5037
CALL_S = 30.0
"""For calls that do next to nothing: one that hangs for so long never answers."""
LONGEST_OUTPUT_BYTES = 1_000_000
"""A benchmark program prints some kilobytes; one that prints without end would fill the host's disk."""
POLL_S = 0.02
NO_SERVER = ("cannot connect to daemon", "failed to start daemon", "failed to check server version")
COMPLAINT = re.compile(r"error|failed|cannot|denied|not found|fault", re.IGNORECASE)


class AdbError(Exception):
    """The phone or adb did not do its part; `kind` says which of the two it was."""

    kind = FailureKind.DEVICE


class PhoneGoneError(AdbError):
    """The phone does not answer: pulled out, switched off, not authorised, or hanging."""


class AdbTimeoutError(PhoneGoneError):
    """A call did not end within its time limit."""


class EndlessOutputError(AdbError):
    """A command printed more than anybody reads; the client was ended, and what runs on the phone was not."""


class AdbUnavailableError(AdbError):
    """There is no adb on this host, or its server does not run."""

    kind = FailureKind.INFRASTRUCTURE


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed on both streams, and its exit code."""

    exit_code: int
    output: str

    @property
    def last_line(self) -> str:
        """The last one that complains, or else the last one."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        complaints = [line for line in lines if COMPLAINT.search(line)]
        return (complaints or lines or ["it said nothing"])[-1]


@dataclass(frozen=True, slots=True)
class Attached:
    """A line of `adb devices -l`; `state` is "device" for a phone that can be used."""

    serial: str
    state: str
    details: dict[str, str] = field(default_factory=dict)


class Adb:
    """One adb server, by its port on this host. The client starts the server where none runs.

    Raises: `AdbUnavailableError` where there is no such program.
    """

    def __init__(self, program: str = "adb", *, port: int = DEFAULT_PORT) -> None:
        found = shutil.which(program)
        if found is None:
            raise AdbUnavailableError(f"There is no program {program!r} on this host. Install it: apt-get install adb.")
        self._command = [found, "-P", str(port)]
        self._port = port

    def devices(self) -> list[Attached]:
        """Every phone the server knows, in whichever state.

        Raises: `AdbUnavailableError`.
        """
        try:
            listed = self.call(["devices", "-l"])
        except PhoneGoneError as error:
            raise AdbUnavailableError(str(error)) from error
        if listed.exit_code != 0:
            raise AdbUnavailableError(f"adb does not list its phones: {listed.last_line}.")
        return parse_devices(listed.output)

    def is_serving(self) -> bool:
        """Whether a server listens on the port already."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return True
        except OSError:
            return False

    def stop_server(self) -> None:
        """Raises: `AdbError`."""
        self.call(["kill-server"])

    def call(
        self, arguments: Sequence[str], *, timeout_s: float = CALL_S, should_stop: threading.Event | None = None
    ) -> Answer:
        """Run the client to its end; the exit code is the client's own, which says little about the phone's command.

        Raises: `AdbTimeoutError`, `EndlessOutputError`, `AdbUnavailableError`, `Stopped`.
        """
        # A file, not a pipe: a server that this call starts would hold a pipe open for ever.
        with tempfile.TemporaryFile() as output:
            exit_code = self._run(arguments, output, timeout_s, should_stop or threading.Event())
            if _is_too_long(output):
                raise EndlessOutputError(f"it printed more than {LONGEST_OUTPUT_BYTES:,} bytes")
            output.seek(0)
            text = output.read().decode(errors="replace")
        if any(each in text for each in NO_SERVER):
            raise AdbUnavailableError(f"The adb server on port {self._port} does not run: {text.strip()[-300:]}.")
        return Answer(exit_code, text)

    def _run(self, arguments: Sequence[str], output: IO[bytes], timeout_s: float, should_stop: threading.Event) -> int:
        try:
            process = subprocess.Popen(
                [*self._command, *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise AdbUnavailableError(f"adb cannot be started: {error}.") from error
        ends_at_s = time.monotonic() + timeout_s
        try:
            while process.poll() is None:
                if should_stop.wait(POLL_S):
                    raise Stopped("Stopped on request.")
                if time.monotonic() > ends_at_s:
                    raise AdbTimeoutError(f"adb did not end within {timeout_s:.0f} s")
                if _is_too_long(output):
                    break
        finally:
            process.kill()
            process.wait()
        return process.returncode


def _is_too_long(output: IO[bytes]) -> bool:
    return os.fstat(output.fileno()).st_size > LONGEST_OUTPUT_BYTES


def parse_devices(listing: str) -> list[Attached]:
    """`adb devices -l`: serial, state and `key:value` pairs, below a headline and what is said of the server."""
    found = []
    for line in listing.partition("List of devices attached")[2].splitlines():
        serial, _, rest = line.strip().partition(" ")
        words = rest.split()
        if serial and words and not serial.startswith("*"):
            # The one state of two words is followed by advice and a link in parentheses.
            state = "no permissions" if words[:2] == ["no", "permissions"] else words[0]
            details = dict(word.split(":", 1) for word in words[1:] if ":" in word)
            found.append(Attached(serial, state, details))
    return found
