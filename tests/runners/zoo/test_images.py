from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runners.zoo import images


def test_listed_finds_images_below_the_folder_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for name in ("b/2.JPEG", "a/1.png", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")

    found = images.listed(tmp_path)

    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["a/1.png", "b/2.JPEG"]


@pytest.mark.parametrize("size", [(512, 256), (256, 400), (100, 90)])
def test_prepared_image_has_the_size_and_the_normalised_colour(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "red.png"
    Image.new("RGB", size, (255, 0, 0)).save(path)

    pixels = images.prepared(path)

    assert pixels.shape == (3, 224, 224)
    assert pixels.dtype == np.float32
    np.testing.assert_allclose(pixels[:, 0, 0], (np.array([1, 0, 0]) - images.MEAN) / images.STD, rtol=1e-6)
    assert np.ptp(pixels, axis=(1, 2)).max() == 0


def test_prepared_takes_the_centre(tmp_path: Path) -> None:
    path, pixels = tmp_path / "centre.png", np.zeros((256, 768, 3), np.uint8)
    pixels[:, 256:512] = 255
    Image.fromarray(pixels).save(path)

    prepared = images.prepared(path)

    np.testing.assert_allclose(prepared[0], (1 - images.MEAN[0]) / images.STD[0], rtol=1e-6)


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n"])
def test_file_that_is_no_image_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(content)

    with pytest.raises(images.UnreadableImageError, match=r"broken\.png is not a readable image"):
        images.prepared(path)
