"""What outputs say of images whose class is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from runners.accuracy.preparation import PRESETS
from runners.engines.base import EngineError, FloatArray
from runners.wire import FailureKind

Indices = npt.NDArray[np.integer[Any]]
BEYOND = 5
"""Rank of every place after the fifth."""


def of_classes(outputs: FloatArray, *, classes: int, label_offset: int, is_simulated: bool = False) -> FloatArray:
    """The outputs that stand for classes, without those before them, such as one for the background.

    A simulated engine knows nothing of the network: of its outputs the surplus is left out.

    Shapes: `outputs` (images, outputs); (images, classes).
    Raises: `EngineError` for outputs that are NaN, infinite, or not as many as classes and label offset.
    """
    given = outputs.reshape(len(outputs), -1)
    surplus = given.shape[1] - label_offset - classes
    if label_offset < 0 or surplus < 0 or (surplus and not is_simulated):
        raise EngineError(FailureKind.USER, _misfit(given.shape[1], classes, label_offset))
    not_finite = int(np.count_nonzero(~np.isfinite(given)))
    if not_finite:
        raise EngineError(FailureKind.ENGINE, f"{not_finite} of {given.size} logits are NaN or infinite for an image.")
    return given[:, label_offset : label_offset + classes]


def _misfit(outputs: int, classes: int, label_offset: int) -> str:
    """Says which label offset would fit: with another one every class would be taken for its neighbour."""
    found = f"The network has {outputs:,} outputs; {classes:,} classes with label offset {label_offset} do not fit that"
    fitting = outputs - classes
    if fitting < 0:
        return f"{found}, they are too few for so many classes: choose the dataset that fits the network."
    presets = [f"preset {name}" for name, how in PRESETS.items() if how.label_offset == fitting]
    return f"{found}. {' or '.join([f'A preparation with label_offset {fitting}', *presets])} would."


def ranked(logits: FloatArray, labels: Indices) -> tuple[list[int], list[int]]:
    """The predicted class of each image and the place of the true one, 0 the highest, `BEYOND` after the fifth.

    Classes with the same output as the true one come before it: a tie is no knowledge.

    Shapes: `logits` (images, classes), `labels` (images,); two lists (images,).
    """
    true = np.take_along_axis(logits, labels[:, None], axis=1)
    ranks = np.count_nonzero(logits >= true, axis=1) - 1
    return logits.argmax(axis=1).tolist(), np.minimum(ranks, BEYOND).tolist()
