"""ONNX Runtime on the CPU, called the way a user's own loop calls it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from runners.engines.base import Engine, EngineError, FloatArray, Session, onnx_file
from runners.wire import Artifact, Facts, FailureKind

PROVIDER = "CPUExecutionProvider"
INPUT_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
OPTIONS = {
    "session.intra_op.allow_spinning": "1",
    "session.set_denormal_as_zero": "0",
}
"""Stated although they are ONNX Runtime's own defaults, so that a new default cannot change a series of results."""

ORT_ERRORS = tuple(
    error for error in vars(ort_errors).values() if isinstance(error, type) and issubclass(error, Exception)
)
ENGINE_FAULTS = (ort_errors.RuntimeException, ort_errors.EngineError, ort_errors.EPFail)
"""Of the errors while loading: the engine's own. All others say that the network is broken or not supported."""


class OnnxRuntimeCpu(Engine):
    name = "onnxruntime"
    category: ClassVar[Literal["cpu", "gpu", "phone"]] = "cpu"

    def release(self) -> str:
        return str(ort.__version__)

    def load(
        self, artifact_dir: Path, artifact: Artifact, *, threads: int, input_shape: tuple[int, ...] | None = None
    ) -> Session:
        path = artifact_dir / onnx_file("ONNX Runtime", artifact)
        try:
            session = ort.InferenceSession(str(path), session_options(threads), providers=[PROVIDER])
        except ORT_ERRORS as error:
            kind = FailureKind.ENGINE if isinstance(error, ENGINE_FAULTS) else FailureKind.USER
            raise EngineError(kind, f"ONNX Runtime does not load {path.name}: {error}") from error
        return OnnxRuntimeSession(session, threads)


class OnnxRuntimeSession(Session):
    """Plain `InferenceSession.run` on a numpy array, as in most programs: no IO binding, so that handing over the input
    and allocating the output are part of the time."""

    def __init__(self, session: ort.InferenceSession, threads: int) -> None:
        inputs = session.get_inputs()
        if len(inputs) != 1 or inputs[0].type not in INPUT_TYPES:
            found = ", ".join(f"{each.name}: {each.type}" for each in inputs) or "none"
            raise EngineError(FailureKind.USER, f"The network must have one float input; it has {found}.")
        self._session = session
        self._input_name = inputs[0].name
        self._input_shape = inputs[0].shape
        self._dtype = INPUT_TYPES[inputs[0].type]
        self._output_names = [session.get_outputs()[0].name]
        self.facts: Facts = {
            "provider": PROVIDER,
            "intra_op_threads": threads,
            "inter_op_threads": 1,
            "execution_mode": "sequential",
            "graph_optimization": "all",
            "io_binding": False,
            "options": dict(OPTIONS),
        }

    def input(self, shape: tuple[int, ...], seed: int) -> FloatArray:
        if not _accepts(self._input_shape, shape):
            raise EngineError(
                FailureKind.USER,
                f"The network takes input {self._input_shape}, the protocol gives {list(shape)}; "
                "export it with that shape or with a dynamic batch.",
            )
        return super().input(shape, seed).astype(self._dtype)

    def run(self, x: FloatArray) -> FloatArray:
        try:
            output: FloatArray = self._session.run(self._output_names, {self._input_name: x})[0]
        except ORT_ERRORS as error:
            kind = FailureKind.USER if isinstance(error, ort_errors.InvalidArgument) else FailureKind.ENGINE
            raise EngineError(kind, f"ONNX Runtime does not execute the network: {error}") from error
        return output


def session_options(threads: int) -> ort.SessionOptions:
    """One pool of `threads` for each operator, operators one after another, every optimisation of the graph."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    for key, value in OPTIONS.items():
        options.add_session_config_entry(key, value)
    return options


def _accepts(declared: list[Any], given: tuple[int, ...]) -> bool:
    """Whether a shape fits a declared one, in which a name or None stands for any size."""
    return len(declared) == len(given) and all(
        not isinstance(size, int) or size == actual for size, actual in zip(declared, given, strict=True)
    )
