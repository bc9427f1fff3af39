"""What the child of an order to convert does: lets the engine convert the artifact, and describes what came out."""

from __future__ import annotations

import hashlib
from pathlib import Path

from runners.engines import get_engine
from runners.orders import ChildOrder, ConvertedArtifact
from runners.wire import ArtifactFile


def convert_artifact(child_order: ChildOrder, image_shape: list[int]) -> ConvertedArtifact:
    """Fill the folder of the answer with the engine's own files.

    Raises: `EngineUnavailable`, `EngineError`.
    """
    order, out_dir = child_order.order, child_order.answer_path.parent
    before = set(out_dir.iterdir())
    engine = get_engine(order.engine)
    engine.prepare(
        child_order.artifact_dir,
        order.artifact,
        out_dir,
        image_shape=tuple(image_shape),
        precision=order.protocol.precision,
    )
    return ConvertedArtifact(files=[described(path) for path in sorted(set(out_dir.iterdir()) - before)])


def described(path: Path) -> ArtifactFile:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return ArtifactFile(name=path.name, sha256=sha256, size_bytes=path.stat().st_size)
