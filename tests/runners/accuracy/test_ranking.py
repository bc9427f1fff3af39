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
    outputs = np.array([[9.0, 1.0, 2.0]])

    logits = of_classes(outputs, classes=2, label_offset=1)

    assert logits.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize("label_offset", [0, 2, -1])
def test_offset_that_does_not_fit_the_outputs_is_the_users_fault(label_offset: int) -> None:
    with pytest.raises(EngineError, match=r"has 4 outputs; 3 classes with label offset .*label_offset 1") as error:
        of_classes(np.zeros((1, 4)), classes=3, label_offset=label_offset)

    assert error.value.kind == FailureKind.USER


def test_surplus_of_a_simulated_engine_is_left_out_and_a_lack_is_not_made_up() -> None:
    logits = of_classes(np.zeros((1, 10)), classes=4, label_offset=0, is_simulated=True)

    assert logits.shape == (1, 4)
    with pytest.raises(EngineError, match="too few"):
        of_classes(np.zeros((1, 10)), classes=1000, label_offset=0, is_simulated=True)


def test_background_output_without_its_offset_names_the_preset_that_fits() -> None:
    with pytest.raises(EngineError, match=r"1,001 outputs; 1,000 classes .* preset tf-mobilenet-v1 would"):
        of_classes(np.zeros((1, 1001)), classes=1000, label_offset=0)


def test_outputs_that_are_too_few_need_another_dataset() -> None:
    with pytest.raises(EngineError, match="too few for so many classes"):
        of_classes(np.zeros((1, 4)), classes=9, label_offset=0)
