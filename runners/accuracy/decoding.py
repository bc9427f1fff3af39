"""From an image file to RGB pixels, as OpenCV's `imread` gives them."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_PIXELS = 64_000_000
"""More than any camera's photograph in a dataset; a file of a few bytes can claim to have billions."""
LONGEST_REASON = 300


class UnreadableImageError(ValueError):
    """The bytes are no image that can be decoded whole."""


def decoded(content: bytes) -> Image.Image:
    """The image in mode RGB, turned as its EXIF orientation says, its transparency ignored.

    Raises: `UnreadableImageError`.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
            if width * height > LARGEST_PIXELS:
                raise UnreadableImageError(f"{width} x {height} pixels are more than {LARGEST_PIXELS:,}.")
            return _as_rgb(ImageOps.exif_transpose(image))
    except (MemoryError, UnreadableImageError):
        raise
    except UnidentifiedImageError as error:
        raise UnreadableImageError("It is no image in a format that Pillow knows.") from error
    except Exception as error:
        # Decoders raise whatever a broken file leads them to, and none of it may end the run.
        raise UnreadableImageError(f"{type(error).__name__}: {error}"[:LONGEST_REASON]) from error


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Of 16 bits the upper 8: Pillow's own conversion cuts bright values off instead.
        return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return image.convert("RGB")
