"""Loading as an attempt does it: converted first, where the engine needs that."""

from __future__ import annotations

from pathlib import Path

from runners.engines.base import Engine, Session
from runners.wire import Artifact


def load(
    engine: Engine, folder: Path, artifact: Artifact, input_shape: tuple[int, ...], *, threads: int = 1
) -> Session:
    if engine.converter() is not None:
        converted = folder / f"converted for {engine.name}"
        converted.mkdir()
        engine.prepare(folder, artifact, converted, image_shape=input_shape[1:])
        folder = converted
    return engine.load(folder, artifact, threads=threads, input_shape=input_shape)
