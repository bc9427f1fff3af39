"""An artifact in the format of an engine that cannot load it as it is: converted once, verified before every use."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from runners.download import ArtifactError, verify
from runners.engines import get_engine
from runners.engines.base import Converter
from runners.orders import ChildOrder, ConvertedArtifact
from runners.supervise import run_child
from runners.wire import ArtifactFile, RunOrder

TIMEOUT_S = 600
CPU_TIME_S = 300
MEMORY_BYTES = 4 * 1024**3

ANSWER = "converted.json"


@dataclass(frozen=True, slots=True)
class Conversion:
    """What the engine loads in the artifact's place."""

    folder: Path
    converter: Converter
    files: list[ArtifactFile]


def obtain(
    order: RunOrder,
    *,
    artifact_dir: Path,
    kept_in: Path,
    image_shape: tuple[int, ...],
    should_stop: threading.Event,
) -> Conversion | None:
    """The order's artifact for the order's engine, from an earlier call or converted now in a limited child process.

    None for an engine that loads artifacts as they are. `kept_in` belongs to this one artifact.

    Raises: `EngineUnavailable`, `AttemptFailed`, `Stopped`, OSError.
    """
    converter = get_engine(order.engine).converter(order.protocol.precision)
    if converter is None:
        return None
    shape = "x".join(str(size) for size in image_shape)
    folder = kept_in / f"{order.engine}-{converter.name}-{converter.release}-{shape}"
    files = kept(folder, lambda part: _convert(order, artifact_dir, part, image_shape, should_stop))
    return Conversion(folder, converter, files)


def kept(folder: Path, fill: Callable[[Path], None]) -> list[ArtifactFile]:
    """The converted files of the folder: from an earlier call, if each has the hash that it had then, or made now.

    `fill` is given an empty folder and leaves the files there with the `ANSWER` that describes them. The folder exists
    afterwards as a whole or not at all.

    Raises: what `fill` raises, OSError.
    """
    converted = _read(folder)
    if converted is None:
        part = folder.with_name(folder.name + ".part")
        for left_over in (part, folder):
            shutil.rmtree(left_over, ignore_errors=True)
        part.mkdir(parents=True)
        fill(part)
        part.rename(folder)
        converted = ConvertedArtifact.model_validate_json((folder / ANSWER).read_bytes())
    return converted.files


def _convert(
    order: RunOrder, artifact_dir: Path, part: Path, image_shape: tuple[int, ...], should_stop: threading.Event
) -> None:
    child_order = ChildOrder(
        order=order,
        convert=list(image_shape),
        artifact_dir=artifact_dir.resolve(),
        seed=0,
        cpus=[],
        memory_bytes=MEMORY_BYTES,
        cpu_time_s=CPU_TIME_S,
        answer_path=(part / ANSWER).resolve(),
        error_path=(part / "error.json").resolve(),
        parent_pid=os.getpid(),
    )
    run_child(child_order, log_path=part / "convert.log", timeout_s=TIMEOUT_S, should_stop=should_stop)


def _read(folder: Path) -> ConvertedArtifact | None:
    """What an earlier call left, if every file still has the hash that it had then."""
    try:
        converted = ConvertedArtifact.model_validate_json((folder / ANSWER).read_bytes())
        for file in converted.files:
            verify(folder / file.name, file)
    except (OSError, ValidationError, ArtifactError):
        return None
    return converted
