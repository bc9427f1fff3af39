"""The files that a benchmark program opens: the artifact's own, or what the artifact was converted to."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runners import conversion
from runners.engines import get_engine
from runners.engines.base import Converter, EngineUnavailable
from runners.phone import mnn
from runners.supervise import AttemptFailed
from runners.tools.base import Tool
from runners.wire import ArtifactFile, FailureKind, RunOrder

SOURCE = "onnx"
BY_ENGINE = ("ncnn",)
"""Formats into which an engine of this host converts; its converter is the same for CPU and phone."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """What is pushed. `executed` is empty where it is the artifact itself."""

    paths: Sequence[Path]
    executed: list[ArtifactFile]
    converter: Converter | None


def check_converter(tool: Tool) -> None:
    """Raises: `EngineUnavailable` where the tool's files have to be converted and cannot be here."""
    if SOURCE not in tool.artifact_formats or tool.loads == SOURCE:
        return
    if tool.loads in BY_ENGINE:
        get_engine(tool.loads)
    elif tool.loads == mnn.FORMAT:
        mnn.converter()


def obtain(
    order: RunOrder, tool: Tool, *, artifact_dir: Path, kept_dir: Path, should_stop: threading.Event
) -> ModelFiles:
    """Raises: `AttemptFailed`, `Stopped`, OSError."""
    artifact = order.artifact
    if artifact.format == tool.loads:
        return ModelFiles([artifact_dir / file.name for file in artifact.files], [], None)
    if artifact.format not in tool.artifact_formats:
        formats = " or ".join(tool.artifact_formats)
        reason = f"{order.engine} on a phone takes an artifact of format {formats}; this is {artifact.format}."
        raise AttemptFailed(FailureKind.USER, reason)
    try:
        converted = _converted(order, tool, artifact_dir, kept_dir / "converted", should_stop)
    except EngineUnavailable as error:
        raise AttemptFailed(FailureKind.INFRASTRUCTURE, str(error)) from error
    return ModelFiles([converted.folder / file.name for file in converted.files], converted.files, converted.converter)


def _converted(
    order: RunOrder, tool: Tool, artifact_dir: Path, kept_in: Path, should_stop: threading.Event
) -> conversion.Conversion:
    """Raises: `EngineUnavailable`, `AttemptFailed`, `Stopped`, OSError."""
    if tool.loads == mnn.FORMAT:
        return mnn.obtain(order.artifact, artifact_dir=artifact_dir, kept_in=kept_in, should_stop=should_stop)
    converted = conversion.obtain(
        order,
        artifact_dir=artifact_dir,
        kept_in=kept_in,
        image_shape=tuple(order.protocol.input_shape),
        should_stop=should_stop,
    )
    if converted is None:
        raise EngineUnavailable(f"Engine {order.engine!r} of this host converts nothing into {tool.loads}.")
    return converted
