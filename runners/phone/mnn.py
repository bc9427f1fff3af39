"""An ONNX artifact in MNN's format, by MNN's own converter where it is installed."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
import threading
import time
from functools import lru_cache
from pathlib import Path

from runners.conversion import CPU_TIME_S, MEMORY_BYTES, TIMEOUT_S, Conversion
from runners.converting import described
from runners.engines.base import Converter, EngineError, EngineUnavailable, onnx_file
from runners.supervise import AttemptFailed, Stopped
from runners.wire import Artifact, FailureKind

FORMAT = "mnn"
FILE_NAME = "model.mnn"
PROGRAMS = ("mnnconvert", "MNNConvert")
POLL_S = 0.05
LONGEST_SAID = 500


def converter() -> Converter:
    """Raises: `EngineUnavailable` with how to get it."""
    program = _program()
    return Converter(PROGRAMS[0], _release(program))


def obtain(artifact: Artifact, *, artifact_dir: Path, kept_in: Path, should_stop: threading.Event) -> Conversion:
    """The artifact's one .mnn file, from an earlier call or converted now.

    The converter puts a random id into each file, so two conversions differ in those bytes; the record has the hash of
    the very file that was executed.

    Raises: `EngineUnavailable`, `AttemptFailed`, `Stopped`, OSError.
    """
    made_by = converter()
    folder = kept_in / f"{FORMAT}-{made_by.name}-{made_by.release}"
    if not (folder / FILE_NAME).is_file():
        _convert(artifact, artifact_dir, folder, should_stop)
    return Conversion(folder, made_by, [described(folder / FILE_NAME)])


def _convert(artifact: Artifact, artifact_dir: Path, folder: Path, should_stop: threading.Event) -> None:
    """Fill the folder, which exists afterwards as a whole or not at all."""
    try:
        source = artifact_dir / onnx_file(FORMAT, artifact)
    except EngineError as error:
        raise AttemptFailed(error.kind, error.reason) from error
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    said = _run(source.resolve(), part, should_stop)
    if not (part / FILE_NAME).is_file():
        reason = f"mnnconvert does not convert {source.name}: {_reason(said)}"
        raise AttemptFailed(FailureKind.USER, reason)
    part.rename(folder)


def _run(source: Path, part: Path, should_stop: threading.Event) -> str:
    """Run the converter within limits; what it printed. Only its file says whether it could."""
    arguments = ["-f", "ONNX", "--modelFile", str(source), "--MNNModel", FILE_NAME, "--bizCode", "zooboard"]
    with (part / "convert.log").open("wb+") as log:
        process = subprocess.Popen(
            [_program(), *arguments], cwd=part, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _limit(process.pid)
            _wait(process, should_stop)
        finally:
            process.kill()
            process.wait()
        log.seek(0)
        return log.read().decode(errors="replace")


def _limit(pid: int) -> None:
    """A stranger's file must not take the host with it. Other systems than Linux have the time limit alone."""
    if sys.platform == "linux":
        resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.prlimit(pid, resource.RLIMIT_CPU, (CPU_TIME_S, CPU_TIME_S))


def _wait(process: subprocess.Popen[bytes], should_stop: threading.Event) -> None:
    ends_at_s = time.monotonic() + TIMEOUT_S
    while process.poll() is None:
        if should_stop.wait(POLL_S):
            raise Stopped("Stopped on request.")
        if time.monotonic() > ends_at_s:
            raise AttemptFailed(FailureKind.DEVICE, f"mnnconvert was ended after its time limit of {TIMEOUT_S} s.")


def _program() -> str:
    """Raises: `EngineUnavailable`."""
    folders = (None, str(Path(sys.prefix) / "bin"))
    found = (shutil.which(name, path=folder) for folder in folders for name in PROGRAMS)
    program = next((each for each in found if each), None)
    if program is None:
        raise EngineUnavailable("mnn lacks mnnconvert, which converts networks for it. Install it: pip install MNN.")
    return program


@lru_cache(maxsize=4)
def _release(program: str) -> str:
    """Raises: `EngineUnavailable`."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineUnavailable(f"mnnconvert does not start here: {error}.") from error
    # The processor's abilities come first, in lines of their own.
    found = re.findall(r"^(\d+(?:\.\d+)+)\s*$", done.stdout + done.stderr, re.MULTILINE)
    return found[-1] if found else "unknown"


def _reason(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"\[ERROR\]|not support|Check failed", line)]
    return " ".join(dict.fromkeys(telling or lines[-1:]))[:LONGEST_SAID] or "it said nothing."
