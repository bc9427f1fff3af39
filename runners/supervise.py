"""The parent's side of a child process: start it, watch it, end it, and say how it died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from runners.orders import ERROR_EXIT_CODE, ChildError, ChildOrder
from runners.wire import FailureKind

POLL_S = 0.1
"""How often the parent looks: rarely enough to leave the measurement alone."""

POLITE_S = 2.0
STDERR_TAIL_BYTES = 2_000

PASSED_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""A child opens files that strangers made: it gets no variable that could hold a secret."""

SIGNAL_KINDS: dict[int, tuple[FailureKind, str]] = {
    signal.SIGKILL: (FailureKind.DEVICE, "the system sends it when memory runs out"),
    signal.SIGXCPU: (FailureKind.USER, "it needs more CPU time than the limit"),
    signal.SIGTERM: (FailureKind.INFRASTRUCTURE, "somebody ended it"),
    signal.SIGINT: (FailureKind.INFRASTRUCTURE, "somebody ended it"),
    signal.SIGHUP: (FailureKind.INFRASTRUCTURE, "somebody ended it"),
}
"""Whose fault a deadly signal is; every other one (SIGSEGV, SIGABRT, SIGILL ...) is a crash of the engine."""


class Stopped(Exception):
    """The attempt was stopped on request; nothing of it runs any more."""


class AttemptFailed(Exception):
    """The attempt cannot give a record; `kind` decides whether the site tries again."""

    def __init__(self, kind: FailureKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason[:4_000]


def run_child(
    child_order: ChildOrder,
    *,
    log_path: Path,
    timeout_s: float,
    should_stop: threading.Event,
    on_tick: Callable[[], None] = lambda: None,
) -> None:
    """Run one child to its end; afterwards `answer_path` exists. `on_tick` is called every `POLL_S` meanwhile.

    Raises: `Stopped`, `AttemptFailed`.
    """
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "runners.child"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=_environment(child_order),
            start_new_session=True,
        )
        try:
            _send(process, child_order)
            _wait(process, timeout_s, should_stop, on_tick=on_tick)
        finally:
            end_group(process)
            if process.stdin is not None:
                process.stdin.close()
    if process.returncode != 0:
        raise _failure(process.returncode, child_order.error_path, log_path)


def run_program(
    arguments: Sequence[str | Path],
    *,
    log_path: Path,
    timeout_s: float,
    should_stop: threading.Event,
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
    on_start: Callable[[int], None] = lambda pid: None,
) -> int:
    """Run somebody else's program in a group of its own to its end; its exit code. `log_path` gets what it prints.

    `variables` are added to the few that it is given; `on_start` is told its process id.

    Raises: `Stopped`, `AttemptFailed`, OSError.
    """
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            arguments,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=passed_environment() | dict(variables or {}),
            start_new_session=True,
        )
        try:
            on_start(process.pid)
            _wait(process, timeout_s, should_stop, name=Path(arguments[0]).name)
        finally:
            end_group(process)
    return process.returncode


def passed_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ENVIRONMENT if name in os.environ}


def _environment(child_order: ChildOrder) -> dict[str, str]:
    return passed_environment() | {
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "OMP_NUM_THREADS": str(child_order.order.protocol.threads),
        **(gpu_variables(child_order.gpu_uuid) if child_order.gpu_uuid else {}),
    }


def gpu_variables(uuid: str) -> dict[str, str]:
    """Show a process one GPU only; and no TF32 of NVIDIA's libraries, which would be another precision than FP32."""
    return {"CUDA_VISIBLE_DEVICES": uuid, "NVIDIA_TF32_OVERRIDE": "0"}


def _send(process: subprocess.Popen[bytes], child_order: ChildOrder) -> None:
    """Write the order and leave the pipe open: its end tells the child that this process has ended."""
    if process.stdin is None:
        raise RuntimeError("The child was started without a pipe to its stdin.")
    try:
        process.stdin.write(child_order.model_dump_json().encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        # It died before it read its order; its exit status and its log say why.
        return


def _wait(
    process: subprocess.Popen[bytes],
    timeout_s: float,
    should_stop: threading.Event,
    *,
    name: str = "A process",
    on_tick: Callable[[], None] = lambda: None,
) -> None:
    ends_at_s = time.monotonic() + timeout_s
    while process.poll() is None:
        if should_stop.wait(POLL_S):
            raise Stopped("Stopped on request.")
        if time.monotonic() > ends_at_s:
            raise AttemptFailed(FailureKind.DEVICE, f"{name} was ended after its time limit of {timeout_s:.0f} s.")
        on_tick()


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Ask a process that leads a group to end, and then kill whatever is left of the group.

    A program of somebody else may have temporary files to remove, for which it gets a moment.
    """
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(POLITE_S)
    # Of a group that is gone Linux says that there is none, and macOS that it is nobody's to kill.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _failure(returncode: int, error_path: Path, log_path: Path) -> AttemptFailed:
    if returncode == ERROR_EXIT_CODE and error_path.exists():
        error = ChildError.model_validate_json(error_path.read_bytes())
        return AttemptFailed(error.kind, error.reason)
    said = _tail(log_path)
    if returncode > 0:
        return AttemptFailed(FailureKind.INFRASTRUCTURE, f"A process ended with exit code {returncode}.{said}")
    kind, meaning = SIGNAL_KINDS.get(-returncode, (FailureKind.ENGINE, "the engine crashed"))
    return AttemptFailed(kind, f"A process was ended by {_signal_name(-returncode)}: {meaning}.{said}")


def _signal_name(number: int) -> str:
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"


def _tail(log_path: Path) -> str:
    with log_path.open("rb") as log:
        log.seek(0, os.SEEK_END)
        log.seek(max(0, log.tell() - 2 * STDERR_TAIL_BYTES))
        text = last_lines(log.read().decode(errors="replace"), STDERR_TAIL_BYTES)
    return f" Its last output: {text}" if text else " It printed nothing."


def last_lines(text: str, most: int) -> str:
    """The end of an output in whole lines, as far as there are any: half a path is not known for one."""
    text = text.strip()
    if len(text) <= most:
        return text
    end = text[-most:]
    return end.partition("\n")[2] or end
