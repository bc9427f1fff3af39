"""What outputs say of images whose class is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from runners.engines.base import EngineError, FloatArray
from runners.wire import FailureKind

Indices = npt.NDArray[np.integer[Any]]
BEYOND = 5
"""Rank of every place after the fifth."""


def of_classes(outputs: FloatArray, *, classes: int, label_offset: int) -> FloatArray:
    """The outputs that stand for classes; others, such as one for the background, are left out.

    Shapes: `outputs` (images, outputs); (images, classes).
    Raises: `EngineError` for outputs that are too few, NaN or infinite.
    """
    given = outputs.reshape(len(outputs), -1)
    if label_offset < 0 or given.shape[1] < label_offset + classes:
        reason = (
            f"The network has {given.shape[1]:,} outputs, which is too few for {classes:,} classes with label offset "
            f"{label_offset}: choose the dataset or the input preparation that fits it."
        )
        raise EngineError(FailureKind.USER, reason)
    not_finite = int(np.count_nonzero(~np.isfinite(given)))
    if not_finite:
        raise EngineError(FailureKind.ENGINE, f"{not_finite} of {given.size} logits are NaN or infinite for an image.")
    return given[:, label_offset : label_offset + classes]


def ranked(logits: FloatArray, labels: Indices) -> tuple[list[int], list[int]]:
    """The predicted class of each image and the place of the true one, 0 the highest, `BEYOND` after the fifth.

    Classes with the same output as the true one come before it: a tie is no knowledge.

    Shapes: `logits` (images, classes), `labels` (images,); two lists (images,).
    """
    true = np.take_along_axis(logits, labels[:, None], axis=1)
    ranks = np.count_nonzero(logits >= true, axis=1) - 1
    return logits.argmax(axis=1).tolist(), np.minimum(ranks, BEYOND).tolist()
