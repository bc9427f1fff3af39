"""What an engine is: the only thing that engines know of each other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from runners.wire import Artifact, Facts, FailureKind

FloatArray = npt.NDArray[np.floating[Any]]
Precision = Literal["fp32", "fp16", "int8"]


@dataclass(frozen=True, slots=True)
class Converter:
    name: str
    release: str


class EngineUnavailable(Exception):
    """The engine cannot be used on this machine; the text says what to install."""


class EngineError(Exception):
    """The engine cannot load or execute the network.

    `kind` says whose fault it is: `USER` for a network that can never work here, `ENGINE` for the engine's own failure.
    """

    def __init__(self, kind: FailureKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class Session(ABC):
    """One network, loaded and ready to execute."""

    facts: Facts
    """The settings that were in force, as recorded with the samples."""

    def input(self, shape: tuple[int, ...], seed: int) -> FloatArray:
        """Standard normal values, the same on every machine: numpy freezes the stream of `RandomState`, and only that.

        Shapes: `shape` as float32, batch first.
        """
        return np.random.RandomState(seed).standard_normal(shape).astype(np.float32)

    @abstractmethod
    def run(self, x: FloatArray) -> FloatArray:
        """The logits of one inference; this call is what is timed.

        Shapes: `x` as made by `input`; (batch, classes) as float.
        Raises: `EngineError`.
        """

    def on_device(self, x: FloatArray) -> Callable[[], object] | None:
        """One inference with input and output in the device's own memory, for times without the copies between it and
        the host; None where there are none, or nothing to tell them apart.

        Shapes: `x` as made by `input`, copied to the device now and not again.
        """
        return None

    def close(self) -> None:  # noqa: B027 - most engines free everything with the object
        """Free what the session holds."""


class Engine(ABC):
    name: ClassVar[str]
    category: ClassVar[Literal["cpu", "gpu", "phone"]]
    is_simulated: ClassVar[bool] = False
    tolerance: ClassVar[float] = 1e-4
    """How far a logit may be from ONNX Runtime's for the same input, as a share of the largest logit's size."""

    @abstractmethod
    def release(self) -> str:
        """Version of the library that would execute a network now."""

    def converter(self, precision: Precision = "fp32") -> Converter | None:
        """What makes the engine's own format of an artifact; None where the engine loads artifacts as they are.

        `precision` is the protocol's: some engines execute a network as it is typed and need it in that type.
        """
        return None

    def prepare(
        self,
        artifact_dir: Path,
        artifact: Artifact,
        out_dir: Path,
        *,
        image_shape: tuple[int, ...],
        precision: Precision = "fp32",
    ) -> None:
        """Convert the artifact into files in `out_dir`, for `load`; only for engines with a converter.

        It runs in a child process with limits, before anything is timed. The same artifact gives the same bytes.

        Shapes: `image_shape` is the input without the batch.
        Raises: `EngineError` of the user, naming the operators that cannot be converted.
        """
        raise NotImplementedError(f"Engine {self.name!r} loads artifacts as they are.")

    @abstractmethod
    def load(
        self,
        artifact_dir: Path,
        artifact: Artifact,
        *,
        threads: int,
        input_shape: tuple[int, ...] | None = None,
        precision: Precision = "fp32",
    ) -> Session:
        """Load the artifact's files from a folder in which each has its manifest name and a verified hash.

        An engine with a converter loads from the folder that `prepare` filled.

        Shapes: `input_shape`, batch first, is what every inference will have, where that is known: an engine that can
        plan for one shape does. `precision` is what the protocol asks to be executed.
        Raises: `EngineError`, of the user for a precision that the engine cannot execute; `EngineUnavailable` for
        hardware that is not there.
        """


def check_precision(engine: str, precision: Precision, artifact: Artifact) -> None:
    """For engines that execute a network as it is typed, which FP32 protocols leave to the network.

    Raises: `EngineError` of the user.
    """
    if precision not in ("fp32", artifact.precision):
        reason = (
            f"{engine} has no switch for {precision}, and the artifact is {artifact.precision}: give a network in "
            f"{precision}, or ask for another engine."
        )
        raise EngineError(FailureKind.USER, reason)


def onnx_file(engine: str, artifact: Artifact) -> str:
    """Name of the one ONNX file of an artifact.

    Raises: `EngineError` of the user for an artifact of another format.
    """
    names = [file.name for file in artifact.files if file.name.endswith(".onnx")]
    if artifact.format != "onnx" or len(names) != 1:
        raise EngineError(
            FailureKind.USER,
            f"{engine} takes an artifact of format onnx with one .onnx file; this is {artifact.format} with "
            f"{', '.join(file.name for file in artifact.files)}.",
        )
    return names[0]
