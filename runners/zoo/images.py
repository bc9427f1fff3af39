"""Prepares photographs for a network of the published tables, as PaddleClas evaluates it.

Resized bilinearly to a short side of 256, the central 224 x 224 pixels, RGB, normalised per channel.
Source: PaddleClas, ppcls/configs/ImageNet, the `transform_ops` of the evaluation.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from runners.zoo.weights import FloatArray

SHORT_SIDE = 256
CROP = 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".webp"})


class UnreadableImageError(ValueError):
    """A folder has no images, or one of them cannot be decoded."""


def listed(folder: Path) -> list[Path]:
    """The images in `folder` and below it, in the order of their paths.

    Raises: `UnreadableImageError` when there is none.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise UnreadableImageError(f"There are no images in {folder}; it needs {', '.join(sorted(SUFFIXES))} files.")
    return found


def prepared(path: Path) -> FloatArray:
    """Shapes: float32 [3, 224, 224].

    Raises: `UnreadableImageError`.
    """
    # Only here, because a builder that is given no photographs needs no decoder.
    from PIL import Image

    try:
        with Image.open(path) as image:
            rgb = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableImageError(f"{path} is not a readable image: {error} Remove or replace it.") from error
    factor = SHORT_SIDE / min(rgb.size)
    width, height = (round(side * factor) for side in rgb.size)
    resized = rgb.resize((width, height), Image.Resampling.BILINEAR)
    left, top = (width - CROP) // 2, (height - CROP) // 2
    pixels = np.asarray(resized.crop((left, top, left + CROP, top + CROP)), np.float32) / np.float32(255)
    return np.ascontiguousarray(((pixels - MEAN) / STD).transpose(2, 0, 1))
