"""`trtexec` as a process of this host: what it says of itself, and one invocation of it."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from runners.supervise import PASSED_ENVIRONMENT, POLL_S, AttemptFailed, Stopped, end_group, gpu_variables, last_lines
from runners.tools.trtexec import Trtexec
from runners.wire import FailureKind

ASK_TIMEOUT_S = 60.0
LONGEST_SAID = 1_000
OUT_OF_MEMORY = ("out of memory", "OutOfMemory")


class ProgramUnusable(Exception):
    """`trtexec` does not work here; the text says why."""


def release(program: Path) -> str:
    """What it says of itself, which shows that its libraries load.

    Raises: `ProgramUnusable`.
    """
    try:
        asked = subprocess.run(
            [program, "--help"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ASK_TIMEOUT_S,
            check=False,
            env=_passed(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProgramUnusable(f"{program} does not start: {error}.") from error
    found = Trtexec().release(asked.stdout + asked.stderr)
    if not found:
        said = (asked.stderr or asked.stdout).strip()[:LONGEST_SAID] or "nothing"
        raise ProgramUnusable(f"{program} --help does not name its TensorRT; it said: {said}")
    return found


def invoke(
    arguments: Sequence[str], *, gpu_uuid: str, log_path: Path, timeout_s: float, should_stop: threading.Event
) -> str:
    """Run it to its end on one GPU; what it printed.

    Raises: `AttemptFailed`, `Stopped`.
    """
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_passed() | gpu_variables(gpu_uuid),
            start_new_session=True,
        )
        try:
            _wait(process, timeout_s, should_stop)
        finally:
            end_group(process)
    output = log_path.read_text(errors="replace")
    if process.returncode != 0:
        raise _failure(process.returncode, output)
    return output


def _wait(process: subprocess.Popen[bytes], timeout_s: float, should_stop: threading.Event) -> None:
    ends_at_s = time.monotonic() + timeout_s
    while process.poll() is None:
        if should_stop.wait(POLL_S):
            raise Stopped("Stopped on request.")
        if time.monotonic() > ends_at_s:
            raise AttemptFailed(FailureKind.DEVICE, f"trtexec was ended after its time limit of {timeout_s:.0f} s.")


def _failure(code: int, output: str) -> AttemptFailed:
    kind = FailureKind.DEVICE if any(words in output for words in OUT_OF_MEMORY) else FailureKind.ENGINE
    said = last_lines(output, LONGEST_SAID) or "nothing"
    return AttemptFailed(kind, f"trtexec ended with {code}. Its last output: {said}")


def _passed() -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ENVIRONMENT if name in os.environ}
