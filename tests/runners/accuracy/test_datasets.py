"""Folders and lists of labelled images, good and bad, and their digest."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from runners.accuracy import labels
from runners.accuracy.datasets import LabelledImages, open_images
from runners.accuracy.labels import DatasetError
from runners.orders import DatasetSource

NOBODY = 65_534
FIXTURE = Path(__file__).parents[3] / "fixtures" / "datasets.json"


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"image")
    return folder


def opened(folder: Path, *, listed: str | None = None, task: str = labels.TASK, classes: int = 1000) -> LabelledImages:
    list_file = None
    if listed is not None:
        list_file = folder.parent / "list.txt"
        list_file.write_text(listed)
    return open_images(DatasetSource(name="own", task=task, classes=classes, folder=folder, list_file=list_file))


def test_class_folder_of_a_wordnet_id_is_its_place_among_all_1000(tmp_path: Path) -> None:
    images = opened(touch(tmp_path, "n01440764/b.JPEG", "n15075141/a.JPEG", "n01443537/c.png", "n01443537/notes.txt"))

    assert (images.names, images.labels) == (["a.JPEG", "b.JPEG", "c.png"], [999, 0, 1])


def test_file_names_with_wordnet_ids_or_of_the_validation_set_tell_the_class(tmp_path: Path) -> None:
    images = opened(touch(tmp_path, "n01443537_fish.JPEG", "ILSVRC2012_val_00015416.JPEG"))

    assert images.labels == [13, 1]


def test_same_images_in_other_folders_are_the_same_dataset(tmp_path: Path) -> None:
    in_folders = opened(touch(tmp_path / "a", "n01440764/x.JPEG", "n01443537/y.JPEG"))
    listed = opened(touch(tmp_path / "b", "deep/er/x.JPEG", "y.JPEG"), listed="y.JPEG 1\n\ndeep/er/x.JPEG\t0\n")

    assert in_folders.offer() == listed.offer()
    assert in_folders.offer().sha256 == hashlib.sha256(b"x.JPEG\t0\ny.JPEG\t1\n").hexdigest()


def test_class_folders_of_another_task_count_by_their_place(tmp_path: Path) -> None:
    images = opened(touch(tmp_path, "cats/1.png", "dogs/2.png"), task="pets", classes=2)

    assert images.labels == [0, 1]
    assert images.read(0) == b"image"


def test_whole_validation_set_has_the_digest_of_the_fixture() -> None:
    lines = sorted(f"{name}\t{label}\n" for name, label in labels.validation_labels().items())

    sha256 = hashlib.sha256("".join(lines).encode()).hexdigest()

    [fixture] = [row for row in json.loads(FIXTURE.read_text()) if row["task"] == labels.TASK]
    assert sha256 == labels.STANDARD_SHA256 == fixture["sha256"]
    assert len(lines) == labels.STANDARD_IMAGES == fixture["images"]


@pytest.mark.parametrize(
    ("files", "listed", "says"),
    [
        ([], None, "no images in"),
        (["a.txt"], None, "no images in"),
        (["n01440764/x.JPEG", "n01443537/x.JPEG"], None, r"Two images are called x\.JPEG"),
        (["n00000001/x.JPEG"], None, "n00000001 is not one of the 1,000 classes"),
        (["holiday.JPEG"], None, "does not tell its class"),
        (["cats/x.JPEG"], None, "1 class folders for 1,000 classes"),
        (["x.JPEG", "n01440764/y.JPEG"], None, "beside and in its folders"),
        (["ILSVRC2012_val_00050001.JPEG"], None, "not one of the 50,000"),
        (["x.JPEG"], "x.JPEG 1000\n", "has label 1000"),
        (["x.JPEG"], "x.JPEG 3\nx.JPEG three\n", "Line 2 of"),
        (["x.JPEG"], "\n", "lists no image"),
        (["x.JPEG"], "other/y.JPEG 3\n", "None of the images"),
    ],
)
def test_images_that_cannot_be_used_say_why(tmp_path: Path, files: list[str], listed: str | None, says: str) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    touch(folder, *files)

    with pytest.raises(DatasetError, match=says):
        opened(folder, listed=listed)


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="There is no folder"):
        opened(tmp_path / "gone")


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may read everything: somebody else asks."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    # Below /tmp itself, as pytest's own folders are closed to everybody else.
    with TemporaryDirectory() as opening:
        folder = touch(Path(opening), "n01440764/b.JPEG") / "n01440764"
        Path(opening).chmod(0o755)
        folder.chmod(0)

        with without_privileges(), pytest.raises(DatasetError, match=r"cannot be read: .*Change its permissions"):
            opened(Path(opening))

        folder.chmod(0o700)


def test_built_in_dataset_that_nobody_built_in_is_named() -> None:
    with pytest.raises(DatasetError, match="no dataset 'own' built in"):
        open_images(DatasetSource(name="own", task="pets", classes=2))
