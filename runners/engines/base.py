"""What an engine is: the only thing that engines know of each other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from runners.wire import Artifact, Facts, FailureKind

FloatArray = npt.NDArray[np.floating[Any]]


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

    def close(self) -> None:  # noqa: B027 - most engines free everything with the object
        """Free what the session holds."""


class Engine(ABC):
    name: ClassVar[str]
    category: ClassVar[Literal["cpu", "gpu", "phone"]]
    is_simulated: ClassVar[bool] = False

    @abstractmethod
    def release(self) -> str:
        """Version of the library that would execute a network now."""

    @abstractmethod
    def load(self, artifact_dir: Path, artifact: Artifact, *, threads: int) -> Session:
        """Load the artifact's files from a folder in which each has its manifest name and a verified hash.

        Raises: `EngineError`.
        """
