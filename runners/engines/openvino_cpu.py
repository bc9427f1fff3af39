"""OpenVINO on the CPU, in FP32; it reads ONNX itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import openvino as ov
from openvino import frontend

from runners.engines.base import Engine, EngineError, FloatArray, Precision, Session, check_precision, onnx_file
from runners.wire import Artifact, Facts, FailureKind

DEVICE = "CPU"
OPTIONS = {
    "PERFORMANCE_HINT": "LATENCY",
    "NUM_STREAMS": 1,
    "INFERENCE_PRECISION_HINT": "f32",
    "ENABLE_CPU_PINNING": False,
    "CPU_DENORMALS_OPTIMIZATION": False,
}
"""By default the plug-in computes in FP16 or BF16 where the CPU can. Pinning is off: the agent pins the process."""

STATED = (*OPTIONS, "INFERENCE_NUM_THREADS", "EXECUTION_MODE_HINT", "ENABLE_HYPER_THREADING")
INPUT_TYPES = (np.float32, np.float16)
READ_ERRORS = (
    frontend.GeneralFailure,
    frontend.InitializationFailure,
    frontend.NotImplementedFailure,
    frontend.OpConversionFailure,
    frontend.OpValidationFailure,
    RuntimeError,
)


class OpenVino(Engine):
    name = "openvino"
    category: ClassVar[Literal["cpu", "gpu", "phone"]] = "cpu"
    tolerance = 1e-4

    def release(self) -> str:
        return str(ov.__version__)

    def load(
        self,
        artifact_dir: Path,
        artifact: Artifact,
        *,
        threads: int,
        input_shape: tuple[int, ...] | None = None,
        precision: Precision = "fp32",
    ) -> Session:
        check_precision("OpenVINO", precision, artifact)
        path = artifact_dir / onnx_file("OpenVINO", artifact)
        model = _read(path)
        if input_shape is not None:
            _plan(model, input_shape)
        try:
            compiled = ov.Core().compile_model(model, DEVICE, {**OPTIONS, "INFERENCE_NUM_THREADS": threads})
        except RuntimeError as error:
            raise EngineError(FailureKind.ENGINE, f"OpenVINO does not compile {path.name}: {_text(error)}") from error
        return OpenVinoSession(compiled)


class OpenVinoSession(Session):
    """One request on a numpy array as most programs make it: the input is copied in, the output is copied out."""

    def __init__(self, compiled: Any) -> None:
        self._request = compiled.create_infer_request()
        self._shape = compiled.input(0).partial_shape
        self._dtype = compiled.input(0).element_type.to_dtype()
        self.facts: Facts = {
            "device": DEVICE,
            "input_shape": str(self._shape),
            "shares_memory": False,
            "options": {name: str(compiled.get_property(name)) for name in STATED},
        }

    def input(self, shape: tuple[int, ...], seed: int) -> FloatArray:
        _check_shape(self._shape, shape)
        return super().input(shape, seed).astype(self._dtype)

    def run(self, x: FloatArray) -> FloatArray:
        try:
            output: FloatArray = self._request.infer({0: x}, share_inputs=False, share_outputs=False)[0]
        except RuntimeError as error:
            _check_shape(self._shape, x.shape)
            raise EngineError(FailureKind.ENGINE, f"OpenVINO does not execute the network: {_text(error)}") from error
        return output


def _read(path: Path) -> Any:
    """The network, read as ONNX and nothing else: left to guess, OpenVINO tries seven other formats on a broken file.

    Raises: `EngineError` of the user.
    """
    try:
        reader = frontend.FrontEndManager().load_by_framework("onnx")
        model = reader.convert(reader.load(str(path)))
    except READ_ERRORS as error:
        raise EngineError(FailureKind.USER, f"OpenVINO does not load {path.name}: {_text(error)}") from error
    found = [f"{each.any_name}: {each.element_type.get_type_name()}" for each in model.inputs]
    if len(found) != 1 or model.input(0).element_type.to_dtype() not in INPUT_TYPES or not model.outputs:
        reason = f"The network in {path.name} must have one float input; it has {', '.join(found) or 'none'}."
        raise EngineError(FailureKind.USER, reason)
    return model


def _plan(model: Any, shape: tuple[int, ...]) -> None:
    """Fix the shape, without which small networks are up to 40 % slower.

    Raises: `EngineError` of the user.
    """
    _check_shape(model.input(0).partial_shape, shape)
    try:
        model.reshape(list(shape))
    except RuntimeError as error:
        reason = f"OpenVINO does not take the network at input {list(shape)}: {_text(error)}"
        raise EngineError(FailureKind.USER, reason) from error


def _check_shape(declared: Any, given: tuple[int, ...]) -> None:
    """Raises: `EngineError` of the user."""
    if not declared.compatible(ov.PartialShape(list(given))):
        raise EngineError(
            FailureKind.USER,
            f"The network takes input {declared}, the protocol gives {list(given)}; "
            "export it with that shape or with a dynamic batch.",
        )


def _text(error: Exception) -> str:
    """What the error says, without the places in OpenVINO's own source."""
    lines = [line.strip() for line in str(error).splitlines()]
    return " ".join(line for line in lines if line and ".cpp:" not in line)
