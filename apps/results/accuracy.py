"""What an accuracy record must fulfil, and the values that follow from it. Pure: wire records and numbers only."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from runners import wire
from runners.statistics.wilson import wilson_interval

UNREADABLE = -1
UNREADABLE_FLAG = "unreadable-images"
DIGEST_DIGITS = 8
TOP = {"top1": 1, "top5": 5}
"""Among how many of the highest outputs the true class counts, by metric."""


def record_problems(record: wire.AccuracyRecord) -> list[str]:
    """Where a record contradicts itself, in sentences; empty when it does not."""
    n = record.dataset.images
    lengths = {len(record.labels), len(record.predicted), len(record.ranks)}
    if lengths != {n}:
        return [f"The dataset has {n:,} images, but labels, predicted and ranks have {_listed(lengths)} entries."]
    return [*_image_problems(record), *_count_problems(record)]


def _image_problems(record: wire.AccuracyRecord) -> Iterator[str]:
    classes = record.dataset.classes
    highest = max(*record.labels, *record.predicted)
    if highest >= classes:
        yield f"Class {highest} is not one of the {classes:,} classes, which count from 0."
    for number, (label, predicted, rank) in enumerate(zip(record.labels, record.predicted, record.ranks, strict=True)):
        if (predicted == UNREADABLE) != (rank == UNREADABLE):
            yield f"Image {number} has predicted {predicted} and rank {rank}: both or none of them are -1."
            return
        # Where outputs tie, the true class may be the predicted one and still not be counted as the first.
        if rank == 0 and predicted != label:
            yield f"Image {number} has rank 0, but class {predicted} was predicted and its label is {label}."
            return


def _count_problems(record: wire.AccuracyRecord) -> Iterator[str]:
    for metric, stated in (("top1", record.stated_top1), ("top5", record.stated_top5)):
        if stated != _hits(record, metric):
            yield f"stated_{metric} is {stated:,}, but {_hits(record, metric):,} ranks say so."
    unreadable = record.ranks.count(UNREADABLE)
    names = {image.name for image in record.unreadable}
    if len(names) != len(record.unreadable) or len(names) != unreadable:
        yield f"It names {len(names):,} unreadable images, but {unreadable:,} have no prediction."
    if unreadable == len(record.ranks):
        yield "None of the images could be read: look at the reasons that the agent gives."


def _hits(record: wire.AccuracyRecord, metric: str) -> int:
    return sum(0 <= rank < TOP[metric] for rank in record.ranks)


def _listed(lengths: set[int]) -> str:
    return " and ".join(f"{length:,}" for length in sorted(lengths))


def readable_count(record: wire.AccuracyRecord) -> int:
    return len(record.ranks) - record.ranks.count(UNREADABLE)


def share(record: wire.AccuracyRecord, metric: str) -> tuple[float, tuple[float, float]]:
    """Share of the readable images that count, and its 95 % interval. Source: `runners.statistics.wilson`."""
    hits, n = _hits(record, metric), readable_count(record)
    return hits / n, wilson_interval(hits, n)


def subset_name(dataset: wire.Dataset) -> str:
    """How a configuration names images that are not the task's standard dataset."""
    return f"{dataset.name}-{dataset.sha256[:DIGEST_DIGITS]}"


def statistics(record: wire.AccuracyRecord) -> dict[str, Any]:
    """What stands beside the shares: the dataset, the unreadable images, and per class how many were right.

    `classes` has one entry per class that occurs: [class, readable images, with the true class first].
    """
    images, right = Counter[int](), Counter[int]()
    for label, rank in zip(record.labels, record.ranks, strict=True):
        if rank != UNREADABLE:
            images[label] += 1
            right[label] += rank == 0
    unreadable = [image.model_dump() for image in record.unreadable]
    detail = f"{len(unreadable):,} of {len(record.ranks):,} images could not be read and are left out of the shares."
    return {
        "dataset": record.dataset.model_dump(),
        "readable": readable_count(record),
        "unreadable": unreadable,
        "classes": [[label, images[label], right[label]] for label in sorted(images)],
        "flags": [{"key": UNREADABLE_FLAG, "detail": detail}] if unreadable else [],
    }
