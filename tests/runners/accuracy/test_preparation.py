"""Every method of preparing an image, against OpenCV and against values worked out by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from runners.accuracy.preparation import PRESETS, image_shape, prepared, short_side_crop, stretch
from runners.wire import InputPreparation

LEVEL = 1
"""Pillow cuts off where OpenCV rounds: at most one of 256 levels."""


def photograph(width: int, height: int) -> Image.Image:
    """Smooth structure with noise, as a decoder gives it."""
    coarse = np.random.RandomState(3).randint(0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    return Image.fromarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))


def preparation(**values: object) -> InputPreparation:
    plain = {"method": "stretch", "height": 6, "width": 10, "mean": [0.0] * 3, "std": [1.0] * 3}
    return InputPreparation.model_validate({**plain, **values})


@pytest.mark.parametrize(("width", "height"), [(500, 375), (333, 500), (100, 80), (1200, 901), (256, 256), (257, 4000)])
def test_short_side_crop_is_opencvs_resize_and_the_centre(width: int, height: int) -> None:
    image, how = photograph(width, height), PRESETS["imagenet"]
    factor = 256 / min(width, height)
    size = (round(width * factor), round(height * factor))
    left, top = (size[0] - 224) // 2, (size[1] - 224) // 2

    got = np.asarray(short_side_crop(image, how)).astype(int)

    wanted = cv2.resize(np.asarray(image), size, interpolation=cv2.INTER_LINEAR)[top : top + 224, left : left + 224]
    assert np.abs(got - wanted.astype(int)).max() <= LEVEL


@pytest.mark.parametrize(("width", "height"), [(50, 30), (7, 3), (10, 6)])
def test_stretch_is_opencvs_resize(width: int, height: int) -> None:
    image = photograph(width, height)

    got = np.asarray(stretch(image, preparation())).astype(int)

    wanted = cv2.resize(np.asarray(image), (10, 6), interpolation=cv2.INTER_LINEAR)
    assert np.abs(got - wanted.astype(int)).max() <= LEVEL


def test_central_fraction_keeps_the_centre() -> None:
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[1:15, 1:15] = 255
    how = preparation(method="central-fraction", central_fraction=0.875, height=7, width=7)

    whole = prepared(Image.fromarray(pixels), how)

    assert whole.min() == 1.0


def test_fit_pad_fills_the_right_with_zeros_after_normalising() -> None:
    image = Image.new("RGB", (8, 4), (255, 255, 255))
    how = preparation(method="fit-pad", height=2, width=9, mean=[0.5] * 3, std=[0.5] * 3)

    got = prepared(image, how)

    assert got[:, :, :4].tolist() == np.ones((3, 2, 4)).tolist()
    assert got[:, :, 4:].tolist() == np.zeros((3, 2, 5)).tolist()


def test_fit_pad_never_exceeds_the_width() -> None:
    got = prepared(photograph(400, 20), preparation(method="fit-pad"))

    assert got.shape == (3, 6, 10)


@pytest.mark.parametrize("interpolation", ["bilinear-antialias", "bicubic-antialias"])
def test_antialias_averages_all_pixels_that_shrink_into_one(interpolation: str) -> None:
    stripes = np.zeros((60, 100, 3), np.uint8)
    stripes[:, ::2] = 200

    got = prepared(Image.fromarray(stripes), preparation(interpolation=interpolation))

    assert np.abs(got * 255 - 100).max() < 12


def test_channels_and_layout_are_the_networks_own() -> None:
    image = Image.new("RGB", (10, 6), (255, 51, 0))
    how = preparation(channels="BGR", layout="NHWC", mean=[0.0, 0.2, 0.5], std=[1.0, 1.0, 0.5])

    got = prepared(image, how)

    assert got.shape == image_shape(how) == (6, 10, 3)
    assert got.dtype == np.float32
    assert got[3, 5].tolist() == pytest.approx([0.0, 0.0, 1.0], abs=1e-6)
