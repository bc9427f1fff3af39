from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runners.accuracy.decoding import decoded
from runners.accuracy.preparation import PRESETS
from runners.accuracy.preparation import prepared as prepared_for_accuracy
from runners.zoo import images


def test_listed_finds_images_below_the_folder_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for name in ("b/2.JPEG", "a/1.png", "a/notes.txt", "folder.png/3.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")

    found = [path.relative_to(tmp_path).as_posix() for path in images.listed(tmp_path)]

    assert found == ["a/1.png", "b/2.JPEG", "folder.png/3.tif"]
    assert images.list_sha256(tmp_path) == hashlib.sha256(b"a/1.png\nb/2.JPEG\nfolder.png/3.tif\n").hexdigest()


def test_image_is_prepared_as_for_an_accuracy_with_its_orientation_obeyed(tmp_path: Path) -> None:
    path, exif = tmp_path / "turned.jpg", Image.Exif()
    exif[0x0112] = 6
    pixels = np.random.default_rng(0).integers(0, 256, (300, 500, 3), np.uint8)
    Image.fromarray(pixels).save(path, exif=exif)

    prepared = images.prepared(path)

    assert prepared.dtype == np.float32
    assert prepared.shape == (3, 224, 224)
    np.testing.assert_array_equal(prepared, prepared_for_accuracy(decoded(path.read_bytes()), PRESETS["imagenet"]))


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n"])
def test_file_that_is_no_image_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(content)

    with pytest.raises(images.UnreadableImageError, match=r"broken\.png is not a readable image"):
        images.prepared(path)


def test_pipe_among_the_images_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")

    [path] = images.listed(tmp_path)

    with pytest.raises(images.UnreadableImageError, match=r"pipe\.png cannot be read: it is no regular file"):
        images.prepared(path)
