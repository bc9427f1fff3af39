"""What the table says of an accuracy beside its shares."""

from __future__ import annotations

import pytest

from runners import wire
from runners.accuracy import labels, report


def record(*, classes: int = labels.CLASSES, task: str = labels.TASK) -> wire.AccuracyRecord:
    """Three images: one right, one wrong, one that cannot be read."""
    return wire.AccuracyRecord(
        dataset=wire.Dataset(name="own", task=task, images=3, classes=classes, sha256="ab" * 32),
        labels=[0, 1, 2],
        predicted=[0, 0, -1],
        ranks=[0, 1, -1],
        unreadable=[wire.UnreadableImage(name="c.JPEG", reason="it ends too early.")],
        stated_top1=1,
        stated_top5=2,
    )


def test_worst_classes_of_imagenet_have_their_names() -> None:
    assert report.lines(record(), {})["worst classes"] == "1 goldfish: 0 of 1, 0 tench: 1 of 1"


@pytest.mark.parametrize(("task", "classes"), [("colours", 1000), (labels.TASK, 10)])
def test_classes_of_anything_else_are_numbers(task: str, classes: int) -> None:
    assert report.lines(record(task=task, classes=classes), {})["worst classes"] == "1: 0 of 1, 0: 1 of 1"


def test_classes_are_numbers_without_the_package_that_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "PACKAGE", "no_such_package")

    assert report.lines(record(), {})["worst classes"] == "1: 0 of 1, 0: 1 of 1"


def test_unreadable_images_are_named_with_their_reasons() -> None:
    assert report.lines(record(), {})["unreadable images"] == ("1, left out of the shares: c.JPEG (it ends too early)")
