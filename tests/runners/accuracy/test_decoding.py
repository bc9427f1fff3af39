"""Decoding every kind of image file as OpenCV's `imread` does."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from runners.accuracy.decoding import UnreadableImageError, decoded

ORIENTATION = 0x0112


def image(mode: str = "RGB") -> Image.Image:
    coarse = np.random.RandomState(3).randint(0, 256, (6, 9, 3), dtype=np.uint8)
    return Image.fromarray(cv2.resize(coarse, (90, 60), interpolation=cv2.INTER_CUBIC)).convert(mode)


def content(made: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    made.save(file, kind, **options)
    return file.getvalue()


def turned() -> bytes:
    made = image()
    exif = made.getexif()
    exif[ORIENTATION] = 6
    return content(made, "JPEG", exif=exif)


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(content(image(), "JPEG", quality=95), id="JPEG"),
        pytest.param(content(image("L"), "JPEG"), id="grey JPEG"),
        pytest.param(turned(), id="turned JPEG"),
        pytest.param(content(image("RGBA"), "PNG"), id="PNG with alpha"),
        pytest.param(content(image("P"), "PNG", transparency=bytes([0, 128])), id="PNG with palette"),
        pytest.param(content(image("LA"), "PNG"), id="grey PNG with alpha"),
        pytest.param(
            content(Image.fromarray(np.arange(5400, dtype=np.uint16).reshape(60, 90) * 12), "PNG"), id="16 bit"
        ),
    ],
)
def test_pixels_are_opencvs(file: bytes) -> None:
    got = np.asarray(decoded(file)).astype(int)

    bgr = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    assert got.shape == bgr.shape
    assert np.abs(got - bgr[:, :, ::-1].astype(int)).max() <= 2


def test_cmyk_is_opencvs_but_for_its_rounding() -> None:
    file = content(image("CMYK"), "JPEG", quality=95)

    got = np.asarray(decoded(file)).astype(int)

    bgr = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    assert np.abs(got - bgr[:, :, ::-1].astype(int)).mean() < 3


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no image", id="text"),
        pytest.param(content(image(), "JPEG")[:900], id="truncated"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="only a signature"),
    ],
)
def test_broken_file_is_unreadable_and_says_why(file: bytes) -> None:
    with pytest.raises(UnreadableImageError) as error:
        decoded(file)

    assert str(error.value)
    assert "0x" not in str(error.value)


def test_file_that_claims_billions_of_pixels_is_refused_before_it_is_decoded() -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    file = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")

    with pytest.raises(UnreadableImageError, match="decompression bomb"):
        decoded(file)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
