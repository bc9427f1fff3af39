"""ONNX Runtime on whatever executes it: everything but the list of providers, called the way a user's own loop does."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from runners.engines import onnxruntime_placement
from runners.engines.base import (
    Engine,
    EngineError,
    EngineUnavailable,
    FloatArray,
    Precision,
    Session,
    check_precision,
    onnx_file,
)
from runners.wire import Artifact, Facts, FailureKind

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

Providers = list[tuple[str, dict[str, str]]]
"""Providers with their options, the one that is to execute the network first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the options of a provider may depend on. Shapes: `input_shape`, batch first, None where it is not known."""

    path: Path
    precision: Precision
    input_shape: tuple[int, ...] | None


class OnnxRuntime(Engine):
    """What a subclass says: its name, its category, and which providers with which options."""

    io_device: ClassVar[str | None] = None
    """Where inputs and outputs are bound for times without copies, in ONNX Runtime's words; None for no such times."""

    def release(self) -> str:
        return str(ort.__version__)

    @abstractmethod
    def providers(self, plan: Plan) -> Providers:
        """Those to execute on, in their order, each with its options."""

    def check_artifact(self, precision: Precision, artifact: Artifact) -> None:
        """Raises: `EngineError` of the user for a precision that the engine does not reach with this artifact."""
        check_precision(self.name, precision, artifact)

    def load(
        self,
        artifact_dir: Path,
        artifact: Artifact,
        *,
        threads: int,
        input_shape: tuple[int, ...] | None = None,
        precision: Precision = "fp32",
    ) -> Session:
        path = artifact_dir / onnx_file("ONNX Runtime", artifact)
        self.check_artifact(precision, artifact)
        providers = self.providers(Plan(path, precision, input_shape))
        session = _created(path, session_options(threads, records_placement=self.io_device is not None), providers)
        facts: Facts = {
            "provider": providers[0][0],
            "intra_op_threads": threads,
            "inter_op_threads": 1,
            "execution_mode": "sequential",
            "graph_optimization": "all",
            "io_binding": False,
            "options": dict(OPTIONS),
        }
        if self.io_device is not None:
            _check_providers(session, [name for name, _ in providers])
            facts |= self._device_facts(session, providers, precision)
        return OnnxRuntimeSession(session, facts, self.io_device)

    def _device_facts(self, session: ort.InferenceSession, providers: Providers, precision: Precision) -> Facts:
        """What a CPU has no need to state. Raises: `EngineError` where the provider executes nothing."""
        in_force = session.get_provider_options()
        return {
            "precision": precision,
            "device_times": "inputs and outputs bound on the device, synchronised after every inference",
            "provider_options": {name: in_force.get(name, options) for name, options in providers},
            **onnxruntime_placement.facts(session.get_provider_graph_assignment_info(), home=providers[0][0]),
        }


class OnnxRuntimeSession(Session):
    """Plain `InferenceSession.run` on a numpy array, as in most programs: no IO binding, so that handing over the input
    and allocating the output are part of the time."""

    def __init__(self, session: ort.InferenceSession, facts: Facts, io_device: str | None = None) -> None:
        inputs = session.get_inputs()
        if len(inputs) != 1 or inputs[0].type not in INPUT_TYPES:
            found = ", ".join(f"{each.name}: {each.type}" for each in inputs) or "none"
            raise EngineError(FailureKind.USER, f"The network must have one float input; it has {found}.")
        self._session = session
        self._input_name = inputs[0].name
        self._input_shape = inputs[0].shape
        self._dtype = INPUT_TYPES[inputs[0].type]
        self._output_names = [session.get_outputs()[0].name]
        self._io_device = io_device
        self.facts: Facts = facts

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

    def on_device(self, x: FloatArray) -> Callable[[], object] | None:
        if self._io_device is None:
            return None
        session, binding = self._session, self._session.io_binding()
        binding.bind_ortvalue_input(
            self._input_name, ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(x), self._io_device, 0)
        )
        binding.bind_output(self._output_names[0], self._io_device, 0)
        binding.synchronize_inputs()

        def run() -> object:
            session.run_with_iobinding(binding)
            binding.synchronize_outputs()
            return binding

        return run


def session_options(threads: int, *, records_placement: bool = False) -> ort.SessionOptions:
    """One pool of `threads` for each operator, operators one after another, every optimisation of the graph."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    for key, value in OPTIONS.items():
        options.add_session_config_entry(key, value)
    if records_placement:
        options.add_session_config_entry(onnxruntime_placement.RECORD_KEY, "1")
    return options


def check_available(provider: str, *, advice: str) -> None:
    """Raises: `EngineUnavailable` where the installed ONNX Runtime was built without the provider."""
    available = ort.get_available_providers()
    if provider not in available:
        raise EngineUnavailable(
            f"ONNX Runtime {ort.__version__} here has no {provider}, only {', '.join(available)}. {advice}"
        )


def _created(path: Path, options: ort.SessionOptions, providers: Providers) -> ort.InferenceSession:
    """Raises: `EngineError`."""
    try:
        with warnings.catch_warnings():
            # It only warns of a provider that it does not have; that is checked, and refused.
            warnings.simplefilter("ignore", UserWarning)
            # By default a provider that fails is replaced by another one.
            return ort.InferenceSession(str(path), options, providers=providers, enable_fallback=0)
    except ORT_ERRORS as error:
        kind = FailureKind.ENGINE if isinstance(error, ENGINE_FAULTS) else FailureKind.USER
        raise EngineError(kind, f"ONNX Runtime does not load {path.name}: {error}") from error


def _check_providers(session: ort.InferenceSession, asked: list[str]) -> None:
    """Raises: `EngineUnavailable` where ONNX Runtime went on without a provider that could not start."""
    got = session.get_providers()
    if missing := [name for name in asked if name not in got]:
        raise EngineUnavailable(
            f"ONNX Runtime could not start {' and '.join(missing)} and would use {', '.join(got)} instead. Install the "
            "CUDA, cuDNN and TensorRT releases that it was built for, see docs/how-to/t4-host.md."
        )


def _accepts(declared: list[Any], given: tuple[int, ...]) -> bool:
    """Whether a shape fits a declared one, in which a name or None stands for any size."""
    return len(declared) == len(given) and all(
        not isinstance(size, int) or size == actual for size, actual in zip(declared, given, strict=True)
    )
