"""One phone through adb: commands whose end is proven, and files whose arrival is proven."""

from __future__ import annotations

import hashlib
import re
import secrets
import shlex
import threading
from collections.abc import Sequence
from pathlib import Path

from runners.phone.adb import CALL_S, Adb, AdbError, Answer, PhoneGoneError

SLOWEST_PUSH_BYTES_PER_S = 1_000_000
"""A tenth of what USB 2 gives: a cable that is slower is broken."""
NO_SPACE = "No space left on device"


class RemoteError(AdbError):
    """A command on the phone ended with another code than 0, or a file did not arrive as it was."""


class Remote:
    def __init__(self, adb: Adb, serial: str) -> None:
        self.adb = adb
        self.serial = serial

    def shell(self, command: str, *, timeout_s: float = CALL_S, should_stop: threading.Event | None = None) -> Answer:
        """Run a command line on the phone, whatever code it ends with.

        adb exits with 0 when the phone vanishes in the middle, so the command's end is proven by a line of its own with
        the exit code: without that line the phone is gone.

        Raises: `PhoneGoneError`, `EndlessOutputError`, `AdbUnavailableError`, `Stopped`.
        """
        sentinel = f"zooboard-exit-{secrets.token_hex(8)}"
        # One stream for all, the shell's own remarks included: of two, the client may print the end before the rest.
        line = f"exec 2>&1; {{ {command}\n}}; code=$?; echo; echo {sentinel} $code"
        said = self.adb.call(["-s", self.serial, "shell", line], timeout_s=timeout_s, should_stop=should_stop)
        found = re.search(rf"\r?\n?{sentinel} (\d+)\s*\Z", said.output)
        if found is None:
            raise PhoneGoneError(self._why_gone(said))
        return Answer(int(found.group(1)), said.output[: found.start()].replace("\r\n", "\n"))

    def run(self, command: str, *, timeout_s: float = CALL_S, should_stop: threading.Event | None = None) -> str:
        """What a command printed that must not fail.

        Raises: `RemoteError` and what `shell` raises.
        """
        answer = self.shell(command, timeout_s=timeout_s, should_stop=should_stop)
        if answer.exit_code != 0:
            raise RemoteError(f"On the phone `{command[:200]}` ended with {answer.exit_code}: {answer.last_line}")
        return answer.output

    def push(self, files: Sequence[Path], folder: str, *, should_stop: threading.Event | None = None) -> list[str]:
        """Copy files into a folder of the phone and prove that each arrived whole; their paths there.

        Raises: `RemoteError` and what `shell` raises.
        """
        wanted = [(local.stat().st_size, _sha256(local)) for local in files]
        arguments = ["-s", self.serial, "push", *map(str, files), f"{folder}/"]
        timeout_s = CALL_S + sum(size_bytes for size_bytes, _ in wanted) / SLOWEST_PUSH_BYTES_PER_S
        said = self.adb.call(arguments, timeout_s=timeout_s, should_stop=should_stop)
        if said.exit_code != 0:
            raise self._not_pushed(files, said)
        paths = [f"{folder}/{local.name}" for local in files]
        look = "; ".join(f"wc -c < {shlex.quote(path)}; sha256sum {shlex.quote(path)} | cut -c1-64" for path in paths)
        arrived = self.run(look, should_stop=should_stop).split()
        if arrived != [str(each) for pair in wanted for each in pair]:
            shown = ", ".join(local.name for local in files)
            raise RemoteError(f"{shown} did not arrive on the phone as sent: sizes and sha256 there are {arrived}")
        return paths

    def _not_pushed(self, files: Sequence[Path], said: Answer) -> AdbError:
        names = ", ".join(local.name for local in files)
        if NO_SPACE in said.output:
            return RemoteError(f"The phone's storage is full: {names} did not fit. Free some of /data")
        if self._state() != "device":
            return PhoneGoneError(self._why_gone(said))
        return RemoteError(f"{names} could not be pushed to the phone: {said.last_line}")

    def _why_gone(self, said: Answer) -> str:
        """In one sentence; the state that adb gives the phone now says more than its exit code.

        It is shown to everyone, so it does not say the serial.
        """
        state = self._state()
        if state == "device":
            return "The connection to the phone was cut in the middle; adb has it back since"
        advice = {
            "unauthorized": "unlock it and allow USB debugging for this host",
            "offline": "pull its cable out and in, or restart it",
        }.get(state, "see to its cable and whether it is switched on")
        shown = f": {said.last_line.replace(self.serial, '(serial)')}" if said.exit_code != 0 else ""
        return f"The phone is {state}{shown}; {advice}"

    def _state(self) -> str:
        """As `adb devices` has it; "gone" for one that is not listed."""
        try:
            return {each.serial: each.state for each in self.adb.devices()}.get(self.serial, "gone")
        except AdbError:
            return "gone"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
