"""The photographs on which a network of the published tables is calibrated, prepared as for its accuracy."""

from __future__ import annotations

import hashlib
from pathlib import Path

from runners.accuracy.datasets import SUFFIXES
from runners.regular_file import read_regular
from runners.zoo.weights import FloatArray

PRESET = "imagenet"


class UnreadableImageError(ValueError):
    """A folder has no images, or one of them cannot be decoded."""


def listed(folder: Path) -> list[Path]:
    """The images in `folder` and below it, in the order of their paths.

    Raises: `UnreadableImageError` when there is none.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and not path.is_dir())
    if not found:
        raise UnreadableImageError(f"There are no images in {folder}; it needs {', '.join(sorted(SUFFIXES))} files.")
    return found


def list_sha256(folder: Path) -> str:
    """Of the images' paths below `folder`, a line each, in their order; it does not cover the pixels.

    Raises: `UnreadableImageError` when there is none.
    """
    lines = [f"{path.relative_to(folder).as_posix()}\n" for path in listed(folder)]
    return hashlib.sha256("".join(lines).encode(errors="surrogateescape")).hexdigest()


def prepared(path: Path) -> FloatArray:
    """Shapes: float32 [3, 224, 224].

    Raises: `UnreadableImageError`.
    """
    # Only here, because a builder that is given no photographs needs no decoder.
    from runners.accuracy import decoding, preparation

    try:
        return preparation.prepared(decoding.decoded(read_regular(path)), preparation.PRESETS[PRESET])
    except OSError as error:
        raise UnreadableImageError(f"{path} cannot be read: {error.strerror}. Remove or replace it.") from error
    except decoding.UnreadableImageError as error:
        raise UnreadableImageError(f"{path} is not a readable image: {error} Remove or replace it.") from error
