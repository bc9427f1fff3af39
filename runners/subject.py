"""What is to be measured without a site: a model that the agent builds or a file somebody made, as an artifact."""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from runners import wire
from runners.zoo import building, catalogue, models
from runners.zoo.inspect import InspectedNetwork, inspect
from runners.zoo.refused import RefusedFileError

SUFFIX = ".onnx"
LONGEST_NAME = 100
LONGEST_WEIGHTS = 300
"""See `runners.wire.Artifact`."""


@dataclass(frozen=True)
class Subject:
    """An artifact whose files lie in `folder`; `note` is a sentence about it for a person, or empty.

    Shapes: `input_shape` of one image, without the batch.
    """

    model: str
    artifact: wire.Artifact
    folder: Path
    input_shape: list[int]
    note: str = ""


def is_file_name(named: str) -> bool:
    """Whether a person means a file and not a model of the catalogue."""
    return "/" in named or named.lower().endswith((SUFFIX, ".pdparams")) or Path(named).is_file()


def prepare(named: str, folder: Path, *, weights: Path | None = None, model: str | None = None) -> Subject:
    """Build the model, or check the file in a limited child process and copy it, into the empty `folder`.

    Raises: `runners.zoo.catalogue.UnknownArchitectureError`, `RefusedFileError`, `runners.zoo.building.BuildError` and
    what reading weights raises.
    """
    if not is_file_name(named):
        return _built(named, folder, weights)
    if weights is not None:
        raise RefusedFileError("--weights are for a model of the catalogue; a file holds its own.")
    path = Path(named)
    inspected = inspect(path)
    if not isinstance(inspected, InspectedNetwork):
        raise RefusedFileError(f"{path.name} holds weights only. Name the model too: measure MODEL --weights {named}.")
    return _copied(path, inspected, folder, model or _model_name(path))


def _built(name: str, folder: Path, weights: Path | None) -> Subject:
    model = models.find(name)
    built = building.build_file(model, folder / catalogue.FILE_NAME, weights=weights)
    is_from_recipe = weights is None and built.precision == "fp32"
    recipe = wire.Recipe(builder=catalogue.BUILDER, architecture=model.architecture, seed=0)
    artifact = _artifact(
        [wire.ArtifactFile(name=catalogue.FILE_NAME, sha256=built.sha256, size_bytes=built.size_bytes)],
        precision=built.precision,
        weights=built.weights,
        weights_kind=built.weights_kind,
        recipe=recipe if is_from_recipe else None,
    )
    shares = name != model.architecture and is_from_recipe
    note = f"{name} shares the architecture {model.architecture}: this measures the shared graph." if shares else ""
    return Subject(name, artifact, folder, [3, 224, 224], note)


def _copied(path: Path, inspected: InspectedNetwork, folder: Path, model: str) -> Subject:
    """Raises: `RefusedFileError` when the files changed since they were inspected."""
    copies = {catalogue.FILE_NAME: (path, inspected.sha256)}
    copies |= {file.name: (path.parent / file.name, file.sha256) for file in inspected.external_files}
    files = [_copy(source, folder / name, sha256) for name, (source, sha256) in copies.items()]
    artifact = _artifact(
        files,
        precision=inspected.precision,
        weights=_weights(path, inspected),
        weights_kind=inspected.weights_kind,
    )
    return Subject(model, artifact, folder, inspected.input_shape)


def _copy(source: Path, target: Path, sha256: str) -> wire.ArtifactFile:
    try:
        entry = wire.ArtifactFile(name=target.name, sha256=sha256, size_bytes=source.stat().st_size)
        shutil.copyfile(source, target)
        with target.open("rb") as copy:
            copied = hashlib.file_digest(copy, "sha256").hexdigest()
    except ValidationError:
        raise RefusedFileError(
            f"{target.name!r} is no name for a network's file: rename it and export again."
        ) from None
    except OSError as error:
        raise RefusedFileError(f"{source} cannot be copied: {error.strerror}.") from error
    if copied != sha256:
        raise RefusedFileError(f"{source} changed while it was read. Try again when it is complete.")
    return entry


def _artifact(
    files: list[wire.ArtifactFile],
    *,
    precision: Literal["fp32", "fp16", "int8"],
    weights: str,
    weights_kind: wire.WeightsKind,
    recipe: wire.Recipe | None = None,
) -> wire.Artifact:
    return wire.Artifact(
        sha256=wire.manifest_sha256(format="onnx", precision=precision, files=files),
        format="onnx",
        precision=precision,
        weights=weights,
        weights_kind=weights_kind,
        files=files,
        recipe=recipe,
    )


def _weights(path: Path, inspected: InspectedNetwork) -> str:
    """What the file says of its weights, and its name."""
    in_file = f"as in {path.name[-LONGEST_NAME:]}"
    return f"{inspected.weights}, {in_file}"[:LONGEST_WEIGHTS] if inspected.weights else in_file


def _model_name(path: Path) -> str:
    """The file's name in the alphabet of names; `model` where nothing of it is left."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem).strip("._-")[:LONGEST_NAME] or "model"
