"""Loading as an attempt does it: converted first, where the engine needs that."""

from __future__ import annotations

from pathlib import Path

from runners.engines.base import Engine, Precision, Session
from runners.wire import Artifact


def load(
    engine: Engine,
    folder: Path,
    artifact: Artifact,
    input_shape: tuple[int, ...],
    *,
    threads: int = 1,
    precision: Precision = "fp32",
) -> Session:
    if engine.converter(precision) is not None:
        converted = folder / f"converted for {engine.name}"
        converted.mkdir()
        engine.prepare(folder, artifact, converted, image_shape=input_shape[1:], precision=precision)
        folder = converted
    return engine.load(folder, artifact, threads=threads, input_shape=input_shape, precision=precision)
