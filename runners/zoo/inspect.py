"""Looks into a file from outside, an ONNX classifier or a Paddle weight file, in a child process with limits.

`zooboard-runner inspect FILE --json` prints `InspectedNetwork` or `InspectedWeights` as one JSON object, told apart by
`format`, and exits with 0; a file that is not taken gives `{"refused": "one sentence"}` and exit code 1.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from runners.regular_file import NOT_REGULAR
from runners.supervise import PASSED_ENVIRONMENT
from runners.wire import WeightsKind
from runners.zoo.refused import RefusedFileError

LARGEST_FILE_BYTES = 512 * 1024**2
MEMORY_BYTES = 4 * 1024**3
CPU_TIME_S = 60
TIMEOUT_S = 120
LARGEST_ANSWER_BYTES = 1024**2
SUFFIXES = (".onnx", ".pdparams")

_SIGNALS = {
    signal.SIGXCPU: "it needs more CPU time than the limit",
    signal.SIGKILL: "it needs more memory or CPU time than the limit",
}


class _Inspected(BaseModel):
    model_config = ConfigDict(frozen=True)

    file: str
    sha256: str
    size_bytes: int


class Value(BaseModel):
    """An input or output: a size of `shape` is a number, the name of an open dimension, or null."""

    name: str
    dtype: str
    shape: list[int | str | None]


class ExternalFile(BaseModel):
    """A file beside the network that holds some of its tensors."""

    name: str
    sha256: str
    size_bytes: int


class Stage(BaseModel):
    """As `runners.zoo.stages.Stage`; this process does not load what counts it."""

    name: str
    layers: int
    macs: int
    params: int


class InspectedNetwork(_Inspected):
    """What an ONNX classifier is.

    `input_shape` is the image that was counted, [channels, height, width], or [height, width, channels] for `layout`
    NHWC. The counts are null and `stages` empty where the graph cannot be counted, and `uncountable` says why.
    `classes` is null where the file leaves it open, `weights` where it does not say where they come from;
    `weights_kind` is a `runners.wire.WeightsKind`.

    Units: `size_bytes` and those of the files: bytes; `params`, `macs`, `flops_paddle`, `params_paddle`: 1, one image.
    """

    format: Literal["onnx"] = "onnx"
    precision: Literal["fp32", "fp16", "int8"]
    opset: int
    ir_version: int
    producer: str
    weights: str | None = None
    weights_kind: WeightsKind = WeightsKind.STATED
    inputs: list[Value]
    outputs: list[Value]
    layout: Literal["NCHW", "NHWC"]
    input_shape: list[int]
    classes: int | None
    params: int | None
    macs: int | None
    flops_paddle: int | None
    params_paddle: int | None
    stages: list[Stage]
    uncountable: str | None
    operators: dict[str, int]
    external_files: list[ExternalFile]


class InspectedWeights(_Inspected):
    """What a Paddle weight file is; `architectures` are those of the catalogue that it fits, name by name and shape."""

    format: Literal["pdparams"] = "pdparams"
    precision: Literal["fp32"] = "fp32"
    tensors: int
    values: int
    architectures: list[str]


Inspected = Annotated[InspectedNetwork | InspectedWeights, Field(discriminator="format")]
_ANSWER: TypeAdapter[InspectedNetwork | InspectedWeights] = TypeAdapter(Inspected)


def inspect(path: Path, *, input_shape: tuple[int, ...] | None = None) -> InspectedNetwork | InspectedWeights:
    """Checks the file and describes it; `input_shape` replaces the sizes that an ONNX file leaves open.

    Raises: `RefusedFileError`.
    """
    _check_outside(path)
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as log:
        returncode = _run(path, input_shape, answer, log)
        content = _read(answer)
    if returncode < 0:
        why = _SIGNALS.get(signal.Signals(-returncode), "its parser crashed")
        raise RefusedFileError(f"{path.name} was not read to its end: {why}.")
    if not content:
        raise RefusedFileError(f"{path.name} was not read to its end: the process that read it gave no answer.")
    stated = json.loads(content)
    if "refused" in stated:
        raise RefusedFileError(f"{path.name} is refused. {stated['refused']}")
    return _ANSWER.validate_python(stated)


def _check_outside(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise RefusedFileError(f"{path.name} ends neither in .onnx nor in .pdparams; only these can be inspected.")
    if not path.exists():
        raise RefusedFileError(f"There is no file {path}.")
    if not path.is_file():
        raise RefusedFileError(f"{path} cannot be inspected: {NOT_REGULAR}.")
    size_bytes = path.stat().st_size
    if not 0 < size_bytes <= LARGEST_FILE_BYTES:
        raise RefusedFileError(f"{path.name} has {size_bytes} bytes; it must have 1 to {LARGEST_FILE_BYTES}.")


def _run(path: Path, input_shape: tuple[int, ...] | None, answer: IO[bytes], log: IO[bytes]) -> int:
    """The child's exit code; its stdin stays open for as long as this process lives, which it watches."""
    passed = {name: os.environ[name] for name in PASSED_ENVIRONMENT if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "runners.zoo.inspect_child"],
        stdin=subprocess.PIPE,
        stdout=answer,
        stderr=log,
        env=passed | {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    order = {"path": str(path.absolute()), "input_shape": input_shape, "parent_pid": os.getpid()}
    with process:
        try:
            _send(process, json.dumps(order))
            return process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise RefusedFileError(f"{path.name} was not read within {TIMEOUT_S} s.") from None
        finally:
            if process.poll() is None:
                process.kill()


def _send(process: subprocess.Popen[bytes], order: str) -> None:
    if process.stdin is None:
        raise RuntimeError("The child was started without a pipe to its stdin.")
    try:
        process.stdin.write(order.encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        # It died before it read its order; its exit status says so.
        return


def _read(answer: IO[bytes]) -> bytes:
    answer.seek(0)
    content = answer.read(LARGEST_ANSWER_BYTES + 1)
    if len(content) > LARGEST_ANSWER_BYTES:
        raise RefusedFileError("Its names are too long to be described.")
    return content
