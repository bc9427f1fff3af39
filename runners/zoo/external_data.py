"""Tensors whose bytes lie in files beside an ONNX file: which files, and that they lie there and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath

import onnx

from runners.zoo.refused import RefusedFileError


def external_files(tensors: Iterable[onnx.TensorProto], folder: Path) -> list[Path]:
    """The files that the tensors need, each a regular file inside `folder` that is long enough.

    Raises: `RefusedFileError`.
    """
    found: dict[str, Path] = {}
    for tensor in tensors:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            stated = {entry.key: entry.value for entry in tensor.external_data}
            location = stated.get("location", "")
            if location not in found:
                found[location] = _inside(location, folder, tensor.name)
            _check_range(stated, found[location], tensor.name)
    return list(found.values())


def _inside(location: str, folder: Path, tensor: str) -> Path:
    """Judges the text first and then what the file system makes of it, so that no link leads outside.

    A folder below is refused too: the files of an artifact lie side by side.
    """
    parts = PurePosixPath(location).parts
    if len(parts) != 1 or parts[0] in ("/", "..") or len(PureWindowsPath(location).parts) != 1:
        raise RefusedFileError(f"The data of {tensor!r} is said to lie at {location!r}, outside the file's own folder.")
    path = folder / location
    if path.is_symlink():
        raise RefusedFileError(
            f"The data of {tensor!r} lies behind the symbolic link {location!r}; put the file there."
        )
    if not path.is_file():
        raise RefusedFileError(f"The data of {tensor!r} is missing: there is no file {location!r} beside the network.")
    return path


def _check_range(stated: dict[str, str], path: Path, tensor: str) -> None:
    try:
        offset, length = int(stated.get("offset", "0")), int(stated.get("length", "0"))
    except ValueError:
        raise RefusedFileError(f"Where the data of {tensor!r} begins in {path.name} is not a number.") from None
    if offset < 0 or length < 0 or offset + length > path.stat().st_size:
        raise RefusedFileError(f"The data of {tensor!r} would end beyond the end of {path.name}.")
