"""From RGB pixels to the network's input: one pure function per method of `runners.wire.InputPreparation`."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from runners.wire import InputPreparation

Float32 = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]
"""left, top, right, bottom"""

PRESETS: dict[str, InputPreparation] = {
    "imagenet": InputPreparation(
        method="short-side-crop",
        height=224,
        width=224,
        short_side=256,
        mean=[0.485, 0.456, 0.406],
        std=[0.229, 0.224, 0.225],
    ),
    "tf-mobilenet-v1": InputPreparation(
        method="central-fraction",
        height=224,
        width=224,
        central_fraction=0.875,
        mean=[0.5, 0.5, 0.5],
        std=[0.5, 0.5, 0.5],
        label_offset=1,
    ),
}
"""`imagenet` is PaddleClas's evaluation; `tf-mobilenet-v1` that of TensorFlow's MobileNetV1, output 0 background."""

ANTIALIASED = {
    "bilinear-antialias": Image.Resampling.BILINEAR,
    "bicubic-antialias": Image.Resampling.BICUBIC,
}


def prepared(image: Image.Image, how: InputPreparation) -> Float32:
    """Shapes: one image, as `image_shape` says."""
    return normalised(METHODS[how.method](image, how), how)


def image_shape(how: InputPreparation) -> tuple[int, int, int]:
    """The network's input without the batch."""
    return (3, how.height, how.width) if how.layout == "NCHW" else (how.height, how.width, 3)


def short_side_crop(image: Image.Image, how: InputPreparation) -> Image.Image:
    """Scale the short side, cut the centre out.

    Source: PaddleClas, `ResizeImage` with `resize_short` and `CropImage`: its rounding.
    """
    factor = (how.short_side or how.height) / min(image.size)
    width, height = (round(side * factor) for side in image.size)
    left, top = (width - how.width) // 2, (height - how.height) // 2
    return resized(image, (width, height), how, crop=(left, top, left + how.width, top + how.height))


def central_fraction(image: Image.Image, how: InputPreparation) -> Image.Image:
    """Cut the central fraction of both sides out, scale it.

    Source: TensorFlow, `tf.image.central_crop`: its rounding.
    """
    left, top = (int((side - side * (how.central_fraction or 1)) / 2) for side in image.size)
    centre = image.crop((left, top, image.width - left, image.height - top))
    return resized(centre, (how.width, how.height), how)


def stretch(image: Image.Image, how: InputPreparation) -> Image.Image:
    return resized(image, (how.width, how.height), how)


def fit_pad(image: Image.Image, how: InputPreparation) -> Image.Image:
    """Scale to the height, to at most the width; what is missing on the right is filled when it is normalised.

    Source: PaddleOCR, `resize_norm_img` of the text angle classifier: its rounding.
    """
    width = min(how.width, math.ceil(how.height * image.width / image.height))
    return resized(image, (width, how.height), how)


METHODS: dict[str, Callable[[Image.Image, InputPreparation], Image.Image]] = {
    "short-side-crop": short_side_crop,
    "central-fraction": central_fraction,
    "stretch": stretch,
    "fit-pad": fit_pad,
}


def resized(
    image: Image.Image, size: tuple[int, int], how: InputPreparation, *, crop: Box | None = None
) -> Image.Image:
    """Scaled to `size`, of which only `crop` is kept."""
    left, top, right, bottom = crop or (0, 0, *size)
    if how.interpolation in ANTIALIASED:
        return image.resize(size, ANTIALIASED[how.interpolation]).crop((left, top, right, bottom))
    # An affine map mixes the four nearest pixels and no more; pixels outside the crop are never computed.
    across, down = image.width / size[0], image.height / size[1]
    affine = (across, 0.0, left * across, 0.0, down, top * down)
    kept = (right - left, bottom - top)
    return image.transform(kept, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)


def normalised(image: Image.Image, how: InputPreparation) -> Float32:
    """(v / 255 - mean) / std per channel; zeros right of an image that is narrower than the input.

    Shapes: `image` in RGB with the input's height; as `image_shape` says.
    """
    pixels = np.asarray(image)
    values = np.arange(256) / 255
    planes = np.zeros((3, how.height, how.width), np.float32)
    for place, channel in enumerate(how.channels):
        table = ((values - how.mean[place]) / how.std[place]).astype(np.float32)
        planes[place, :, : image.width] = table[pixels[:, :, "RGB".index(channel)]]
    return planes if how.layout == "NCHW" else np.ascontiguousarray(planes.transpose(1, 2, 0))
