"""Ranks of the true class, ties and outputs that stand for no class."""

from __future__ import annotations

import numpy as np
import pytest

from runners.accuracy.ranking import of_classes, ranked
from runners.engines.base import EngineError
from runners.wire import FailureKind


def test_rank_is_the_place_of_the_true_class_and_five_beyond_the_fifth() -> None:
    logits = np.tile(np.arange(8.0)[::-1], (8, 1))

    predicted, ranks = ranked(logits, np.arange(8))

    assert predicted == [0] * 8
    assert ranks == [0, 1, 2, 3, 4, 5, 5, 5]


def test_tie_counts_against_the_network() -> None:
    predicted, ranks = ranked(np.zeros((2, 4)), np.array([0, 3]))

    assert (predicted, ranks) == ([0, 0], [3, 3])


def test_outputs_that_stand_for_no_class_are_left_out_before_ranking() -> None:
    outputs = np.array([[9.0, 1.0, 2.0, 8.0]])

    logits = of_classes(outputs, classes=2, label_offset=1)

    assert logits.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize("label_offset", [2, -1])
def test_offset_that_leads_outside_the_outputs_is_the_users_fault(label_offset: int) -> None:
    with pytest.raises(EngineError, match="too few") as error:
        of_classes(np.zeros((1, 4)), classes=3, label_offset=label_offset)

    assert error.value.kind == FailureKind.USER
