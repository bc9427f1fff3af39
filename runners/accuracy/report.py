"""What an accuracy record says, for a person at a terminal and as JSON for a program."""

from __future__ import annotations

from collections import Counter
from typing import Any

from runners import wire
from runners.accuracy import labels
from runners.statistics.wilson import wilson_interval

TOP = {"top1": 1, "top5": 5}
WORST_CLASSES = 10
FIRST_NAMES = 5


def is_standard(dataset: wire.Dataset) -> bool:
    """Whether these images are the whole validation set of ImageNet-1k, recognised by the digest of their list."""
    return dataset.task == labels.TASK and dataset.sha256 == labels.STANDARD_SHA256


def dataset_text(dataset: wire.Dataset) -> str:
    if is_standard(dataset):
        return f"{dataset.name}: the whole ImageNet-1k validation set, {dataset.images:,} images"
    return f"{dataset.name}: a named subset of {dataset.images:,} images, not the standard set of {dataset.task}"


def as_json(record: wire.AccuracyRecord, environment: wire.Facts) -> dict[str, Any]:
    """Shares are of the readable images, with 95 % intervals by Wilson; null where no image could be read."""
    return {
        "dataset": record.dataset.model_dump(),
        "is_standard": is_standard(record.dataset),
        "n": readable(record),
        **{metric: _share(record, metric) for metric in TOP},
        **{f"{metric}_interval": _interval(record, metric) for metric in TOP},
        "unreadable": [image.model_dump() for image in record.unreadable],
        "worst_classes": [list(each) for each in worst_classes(record)],
        "images_per_s": environment.get("images_per_s"),
    }


def lines(record: wire.AccuracyRecord, environment: wire.Facts) -> dict[str, str]:
    """What the table shows, in its order."""
    names = labels.class_names() if _is_of_imagenet(record.dataset) else []
    called = {label: f"{label} {name}" for label, name in enumerate(names)}
    worst = [f"{called.get(label, label)}: {right} of {images}" for label, images, right in worst_classes(record)]
    rate = environment.get("images_per_s")
    return {
        "dataset": dataset_text(record.dataset),
        "top-1": _text(record, "top1"),
        **({"top-5": _text(record, "top5")} if record.dataset.classes > TOP["top5"] else {}),
        "unreadable images": _unreadable(record),
        "worst classes": ", ".join(worst) or "missing",
        "images per second": "missing" if rate is None else f"{rate:.4g}",
    }


def _is_of_imagenet(dataset: wire.Dataset) -> bool:
    return (dataset.task, dataset.classes) == (labels.TASK, labels.CLASSES)


def readable(record: wire.AccuracyRecord) -> int:
    return sum(rank >= 0 for rank in record.ranks)


def worst_classes(record: wire.AccuracyRecord) -> list[tuple[int, int, int]]:
    """Class, readable images, of these right; the lowest share first, then the lower class."""
    images, right = Counter[int](), Counter[int]()
    for label, rank in zip(record.labels, record.ranks, strict=True):
        if rank >= 0:
            images[label] += 1
            right[label] += rank == 0
    ordered = sorted(images, key=lambda label: (right[label] / images[label], label))
    return [(label, images[label], right[label]) for label in ordered[:WORST_CLASSES]]


def _hits(record: wire.AccuracyRecord, metric: str) -> int:
    return sum(0 <= rank < TOP[metric] for rank in record.ranks)


def _share(record: wire.AccuracyRecord, metric: str) -> float | None:
    n = readable(record)
    return _hits(record, metric) / n if n else None


def _interval(record: wire.AccuracyRecord, metric: str) -> tuple[float, float] | None:
    n = readable(record)
    return wilson_interval(_hits(record, metric), n) if n else None


def _text(record: wire.AccuracyRecord, metric: str) -> str:
    share, interval = _share(record, metric), _interval(record, metric)
    if share is None or interval is None:
        return "missing: none of the images could be read"
    low, high = interval
    return f"{share:.4f}, 95 % interval {low:.4f} to {high:.4f}, n = {readable(record):,}"


def _unreadable(record: wire.AccuracyRecord) -> str:
    if not record.unreadable:
        return "none"
    names = ", ".join(f"{image.name} ({image.reason.rstrip('.')})" for image in record.unreadable[:FIRST_NAMES])
    more = ", ..." if len(record.unreadable) > FIRST_NAMES else ""
    return f"{len(record.unreadable):,}, left out of the shares: {names}{more}"
