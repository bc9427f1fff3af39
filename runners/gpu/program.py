"""`trtexec` as a process of this host: what it says of itself, and one invocation of it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from runners.supervise import AttemptFailed, gpu_variables, last_lines, passed_environment, run_program
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
            env=passed_environment(),
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
    code = run_program(
        arguments,
        log_path=log_path,
        timeout_s=timeout_s,
        should_stop=should_stop,
        variables=gpu_variables(gpu_uuid),
    )
    output = log_path.read_text(errors="replace")
    if code != 0:
        raise _failure(code, output)
    return output


def _failure(code: int, output: str) -> AttemptFailed:
    kind = FailureKind.DEVICE if any(words in output for words in OUT_OF_MEMORY) else FailureKind.ENGINE
    said = last_lines(output, LONGEST_SAID) or "nothing"
    return AttemptFailed(kind, f"trtexec ended with {code}. Its last output: {said}")
