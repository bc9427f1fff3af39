"""An engine for development and tests: takes any format, really spends the time, computes nothing of worth."""

from __future__ import annotations

import time
from itertools import cycle
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from runners.engines.base import Engine, FloatArray, Precision, Session
from runners.wire import Artifact, Facts

FASTEST_NS = 200_000
SLOWEST_NS = 2_000_000
JITTER_FRACTION = 0.01
JITTER_PERIOD = 997
CLASSES = 10


class Stub(Engine):
    """Its devices are always simulated, so none of its numbers reaches the board."""

    name = "stub"
    category: ClassVar[Literal["cpu", "gpu", "phone"]] = "cpu"
    is_simulated = True

    def release(self) -> str:
        return "1"

    def load(
        self,
        artifact_dir: Path,
        artifact: Artifact,
        *,
        threads: int,
        input_shape: tuple[int, ...] | None = None,
        precision: Precision = "fp32",
    ) -> Session:
        return StubSession(artifact.sha256)


class StubSession(Session):
    """Spins for a time that follows from the artifact's hash, the batch size and the seed of the input."""

    def __init__(self, artifact_sha256: str) -> None:
        self._artifact_seed = int(artifact_sha256[:8], 16)
        self.base_ns = FASTEST_NS + self._artifact_seed % (SLOWEST_NS - FASTEST_NS)
        self.facts: Facts = {"base_ns": self.base_ns}

    def input(self, shape: tuple[int, ...], seed: int) -> FloatArray:
        random = np.random.RandomState([self._artifact_seed, seed])
        jitter = 1 + JITTER_FRACTION * np.abs(random.standard_normal(JITTER_PERIOD))
        self._durations_ns = cycle((self.base_ns * shape[0] * jitter).astype(int).tolist())
        self._weights = random.standard_normal(CLASSES).astype(np.float32)
        return super().input(shape, seed)

    def run(self, x: FloatArray) -> FloatArray:
        ends_at_ns = time.perf_counter_ns() + next(self._durations_ns)
        logits = np.outer(x.reshape(len(x), -1)[:, 0], self._weights)
        while time.perf_counter_ns() < ends_at_ns:
            pass
        return logits
