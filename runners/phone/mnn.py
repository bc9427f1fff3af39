"""An ONNX artifact in MNN's format, by MNN's own converter where it is installed."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
import threading
from functools import lru_cache
from pathlib import Path

from runners import conversion
from runners.conversion import Conversion
from runners.converting import described
from runners.engines.base import Converter, EngineError, EngineUnavailable, onnx_file
from runners.orders import ConvertedArtifact
from runners.supervise import AttemptFailed, run_program
from runners.wire import Artifact, FailureKind

FORMAT = "mnn"
FILE_NAME = "model.mnn"
PROGRAMS = ("mnnconvert", "MNNConvert")
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
    try:
        source = artifact_dir / onnx_file(FORMAT, artifact)
    except EngineError as error:
        raise AttemptFailed(error.kind, error.reason) from error
    folder = kept_in / f"{FORMAT}-{made_by.name}-{made_by.release}"
    return Conversion(folder, made_by, conversion.kept(folder, lambda part: _convert(source, part, should_stop)))


def _convert(source: Path, part: Path, should_stop: threading.Event) -> None:
    """Raises: `AttemptFailed`, `Stopped`."""
    arguments = ["-f", "ONNX", "--modelFile", str(source.resolve()), "--MNNModel", FILE_NAME, "--bizCode", "zooboard"]
    log = part / "convert.log"
    run_program(
        [_program(), *arguments],
        cwd=part,
        log_path=log,
        timeout_s=conversion.TIMEOUT_S,
        should_stop=should_stop,
        on_start=_limit,
    )
    # Only the file says whether it could.
    if not (part / FILE_NAME).is_file():
        reason = f"mnnconvert does not convert {source.name}: {_reason(log.read_text(errors='replace'))}"
        raise AttemptFailed(FailureKind.USER, reason)
    answer = ConvertedArtifact(files=[described(part / FILE_NAME)])
    (part / conversion.ANSWER).write_text(answer.model_dump_json())


def _limit(pid: int) -> None:
    """A stranger's file must not take the host with it. Other systems than Linux have the time limit alone."""
    if sys.platform == "linux":
        resource.prlimit(pid, resource.RLIMIT_AS, (conversion.MEMORY_BYTES, conversion.MEMORY_BYTES))
        resource.prlimit(pid, resource.RLIMIT_CPU, (conversion.CPU_TIME_S, conversion.CPU_TIME_S))


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
