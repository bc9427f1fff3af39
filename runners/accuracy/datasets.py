"""Labelled images: in class folders, in one folder whose file names tell the class, beside a list, or built in."""

from __future__ import annotations

import hashlib
import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from runners import wire
from runners.accuracy import labels
from runners.accuracy.labels import DatasetError
from runners.orders import DatasetSource
from runners.regular_file import read_regular

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
MOST_IMAGES = 200_000
"""As many as a record may have."""

Labelled = tuple[Path, int]


class LabelledImages(ABC):
    """Images with their class, in the order of their names.

    Shapes: `names` and `labels` (n,), class indices from 0.
    """

    name: str
    task: str
    classes: int
    names: Sequence[str]
    labels: Sequence[int]

    @abstractmethod
    def read(self, index: int) -> bytes:
        """One image as a file in any format that Pillow reads; called from several threads.

        Raises: OSError.
        """

    def offer(self) -> wire.Dataset:
        """What a site is told of them."""
        return wire.Dataset(
            name=self.name, task=self.task, images=len(self.names), classes=self.classes, sha256=self._sha256()
        )

    def _sha256(self) -> str:
        lines = sorted(f"{name}\t{label}\n" for name, label in zip(self.names, self.labels, strict=True))
        return hashlib.sha256("".join(lines).encode()).hexdigest()


class _Files(LabelledImages):
    """Files of this disk; two of them never have the same name, whatever folders they are in."""

    def __init__(self, source: DatasetSource, found: Iterable[Labelled]) -> None:
        self.name, self.task, self.classes = source.name, source.task, source.classes
        ordered = sorted(found, key=lambda each: each[0].name)
        self._paths = [path for path, _ in ordered]
        self.names = [path.name for path in self._paths]
        self.labels = [label for _, label in ordered]
        self._check()

    def read(self, index: int) -> bytes:
        return read_regular(self._paths[index])

    def _check(self) -> None:
        """Raises: `DatasetError`."""
        if len(self.names) > MOST_IMAGES:
            raise DatasetError(f"{len(self.names):,} images are too many: a dataset has at most {MOST_IMAGES:,}.")
        for before, name in zip(self.names, self.names[1:], strict=False):
            if before == name:
                raise DatasetError(f"Two images are called {name}: rename one of them, names identify images.")
        for name, label in zip(self.names, self.labels, strict=True):
            if not name.isprintable():
                raise DatasetError(f"{name!a} is no name for an image: use printable characters in UTF-8.")
            if not 0 <= label < self.classes:
                raise DatasetError(f"{name} has label {label}; the {self.classes:,} classes count from 0.")


class FolderImages(_Files):
    """A folder that tells the classes by its structure or its file names.

    Raises: `DatasetError`.
    """

    def __init__(self, source: DatasetSource) -> None:
        folder = _folder(source)
        try:
            class_folders = sorted(path for path in folder.iterdir() if path.is_dir() and not _is_hidden(path))
            in_folders = {path: _images_in(path) for path in class_folders}
            flat = _images_in(folder)
        except OSError as error:
            raise DatasetError(f"{folder} cannot be read: {error.strerror}. Change its permissions.") from error
        in_folders = {path: images for path, images in in_folders.items() if images}
        if not flat and not in_folders:
            raise DatasetError(f"There are no images in {folder}; it needs {', '.join(sorted(SUFFIXES))} files.")
        if flat and in_folders:
            raise DatasetError(f"{folder} has images both beside and in its folders: move them, or use --list.")
        super().__init__(source, _by_folder(source, in_folders) if in_folders else _by_name(source, flat))


class ListImages(_Files):
    """A folder and a list of `path label` lines, paths as seen from the folder.

    Raises: `DatasetError`.
    """

    def __init__(self, source: DatasetSource) -> None:
        folder, list_file = _folder(source), source.list_file
        if list_file is None:
            raise DatasetError("A list of images needs its file: say it with --list.")
        try:
            lines = read_regular(list_file).decode().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise DatasetError(f"{list_file} cannot be read: {why}. Give a text file of `path label` lines.") from error
        numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
        found = [_listed(folder, list_file, number, line) for number, line in numbered]
        if not found:
            raise DatasetError(f"{list_file} lists no image: it needs `path label` lines.")
        if not any(path.is_file() for path, _ in found):
            raise DatasetError(f"None of the images in {list_file} is in {folder}: paths count from that folder.")
        super().__init__(source, found)


def _listed(folder: Path, list_file: Path, number: int, line: str) -> Labelled:
    path, _, label = line.strip().replace("\t", " ").rpartition(" ")
    if not path.strip() or not label.isascii() or not label.isdigit():
        raise DatasetError(f"Line {number} of {list_file} is no `path label`, with the label a number from 0.")
    return folder / path.strip(), int(label)


def _folder(source: DatasetSource) -> Path:
    if source.folder is None or not source.folder.is_dir():
        raise DatasetError(f"There is no folder {source.folder}: give the one that has the images.")
    return source.folder


def _images_in(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.suffix.lower() in SUFFIXES and not _is_hidden(each)]


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _by_folder(source: DatasetSource, in_folders: dict[Path, list[Path]]) -> list[Labelled]:
    """A WordNet id stands for its class, however few there are; other names only for their place among all."""
    names = sorted(path.name for path in in_folders)
    is_imagenet = source.task == labels.TASK and all(map(labels.WNID.fullmatch, names))
    if not is_imagenet and len(names) != source.classes:
        raise DatasetError(
            f"{source.folder} has {len(names):,} class folders for {source.classes:,} classes, so that their places "
            "tell no class: name them by WordNet ids, add the missing ones, or say the labels with --list."
        )
    index = {name: labels.wnid_index(name) if is_imagenet else place for place, name in enumerate(names)}
    return [(image, index[path.name]) for path, images in in_folders.items() for image in images]


def _by_name(source: DatasetSource, images: list[Path]) -> list[Labelled]:
    if source.task != labels.TASK:
        raise DatasetError(f"File names tell no class of {source.task}: use a folder per class, or --list.")
    return [(path, _label_of(path.name)) for path in images]


def _label_of(name: str) -> int:
    wnid, underscore, _ = name.partition("_")
    if underscore and labels.WNID.fullmatch(wnid):
        return labels.wnid_index(wnid)
    if labels.VALIDATION_FILE.fullmatch(name):
        return labels.validation_label(name)
    raise DatasetError(
        f"{name} does not tell its class: use a folder per class, names such as n01440764_x.JPEG or "
        "ILSVRC2012_val_00000001.JPEG, or say the labels with --list."
    )


def _built_in(named: str) -> LabelledImages | None:
    """None where a library that it needs is missing."""
    module_name, _, class_name = named.partition(":")
    try:
        images: LabelledImages = getattr(importlib.import_module(module_name), class_name)()
    except ImportError:
        return None
    return images


BUILT_IN: dict[str, Callable[[], LabelledImages | None]] = {
    "text-angle-300": partial(_built_in, "runners.accuracy.text_angle:TextAngle"),
}
"""Datasets that the agent makes itself, by name; nothing is imported before one is asked for."""


def open_images(source: DatasetSource) -> LabelledImages:
    """Raises: `DatasetError`."""
    if source.folder is not None:
        return FolderImages(source) if source.list_file is None else ListImages(source)
    images = BUILT_IN[source.name]() if source.name in BUILT_IN else None
    if images is None:
        raise DatasetError(f"There is no dataset {source.name!r} built in here: register one by `dataset add`.")
    return images
