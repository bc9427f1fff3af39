"""Which files a benchmark program executed, as the artifact that goes with its numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from runners import subject, wire
from runners.tools.base import Precision, Tool
from runners.tools.importing import LogError

ZOO = "zoo:"
FORMATS = {
    ".onnx": "onnx",
    ".nb": "paddle-lite",
    ".pdmodel": "paddle-lite",
    ".pdiparams": "paddle-lite",
    ".tflite": "tflite",
    ".mnn": "mnn",
    ".param": "ncnn",
    ".bin": "ncnn",
}
UPLOADED = ("paddle-lite", "tflite")
"""Formats that nobody here makes of an ONNX file: they come from the owner of the phone."""
UPLOADED_FORMATS = ", ".join(suffix for suffix, name in FORMATS.items() if name in UPLOADED)
HOW_TO_NAME = (
    "Name what was executed, since a number belongs to its artifact: --artifact FILE, once for each of its files, or "
    "--artifact zoo:MODEL where it was the zoo's own network"
)


def artifact_of(named: Sequence[str], tool: Tool, *, precision: Precision, folder: Path) -> wire.Artifact:
    """The files, or the zoo's own network where it is `zoo:MODEL`; `folder` is empty and may be written to.

    Raises: `LogError` and, for a network, what `runners.subject.prepare` raises.
    """
    if not named:
        raise LogError(f"{HOW_TO_NAME}.")
    if named[0].startswith(ZOO) and len(named) == 1:
        return subject.prepare(named[0].removeprefix(ZOO), folder).artifact
    paths = [Path(name) for name in named]
    file_format = _format(paths, tool, {tool.loads, *tool.artifact_formats})
    if file_format == "onnx":
        return subject.prepare(str(paths[0]), folder).artifact
    return _plain(paths, file_format, precision)


def uploadable(paths: Sequence[Path], precision: Precision) -> wire.Artifact:
    """The artifact that these files are, if a phone's program executes them as they are.

    Raises: `LogError`.
    """
    formats = {FORMATS.get(path.suffix.lower()) for path in paths}
    if len(formats) != 1 or not formats <= set(UPLOADED):
        names = ", ".join(path.name for path in paths)
        raise LogError(f"An agent uploads the files of one network, {UPLOADED_FORMATS}; these are {names}.")
    return _plain(paths, str(formats.pop()), precision)


def executed_files(named: Sequence[str], tool: Tool, artifact: wire.Artifact) -> list[wire.ArtifactFile]:
    """What the program loaded where that was converted from the artifact; none where it loads it as it is.

    Raises: `LogError`.
    """
    if artifact.format == tool.loads and named:
        raise LogError(f"{tool.name} loads this artifact as it is: leave out --executed.")
    if artifact.format != tool.loads and not named:
        raise LogError(
            f"{tool.name} loads no {artifact.format} file but what was converted from it: add --executed FILE, once "
            "for each of its files, whose size and hash go with the numbers; or make them the --artifact."
        )
    paths = [Path(name) for name in named]
    if paths:
        _format(paths, tool, {tool.loads})
    return _entries(paths)


def _format(paths: Sequence[Path], tool: Tool, taken: set[str]) -> str:
    formats = {FORMATS.get(path.suffix.lower()) for path in paths}
    if len(formats) != 1 or not formats <= taken or (formats == {"onnx"} and len(paths) > 1):
        names = ", ".join(path.name for path in paths)
        suffixes = ", ".join(suffix for suffix, name in FORMATS.items() if name in taken)
        raise LogError(f"{tool.name} executes files of {suffixes}, not {names}. {HOW_TO_NAME}.")
    return str(formats.pop())


def _plain(paths: Sequence[Path], file_format: str, precision: Precision) -> wire.Artifact:
    """Only hashed: nothing here reads these formats."""
    files = _entries(paths)
    return wire.Artifact(
        sha256=wire.manifest_sha256(format=file_format, precision=precision, files=files),
        format=file_format,
        precision=precision,
        weights=f"as in {paths[0].name}"[:300],
        files=files,
    )


def _entries(paths: Sequence[Path]) -> list[wire.ArtifactFile]:
    """Raises: `LogError` for a file that cannot be read or has no name that a site takes."""
    try:
        return [_entry(path) for path in paths]
    except ValidationError as error:
        raise LogError(
            f"{error.errors()[0]['input']!r} is no name for an artifact's file: take letters, digits, dots, "
            "underscores and hyphens."
        ) from error
    except OSError as error:
        raise LogError(f"{error.filename} cannot be read: {error.strerror}. {HOW_TO_NAME}.") from error


def _entry(path: Path) -> wire.ArtifactFile:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return wire.ArtifactFile(name=path.name, sha256=sha256, size_bytes=path.stat().st_size)
