"""Which kinds of weights can have an accuracy, and which kind words tell by themselves."""

from __future__ import annotations

import pytest

from runners.statistics.stated_weights import (
    RANDOM_REFUSAL,
    SEEDED_REFUSAL,
    accuracy_refusal,
    kind_said,
    on_images,
    on_seeded_inputs,
    quantized,
    quantized_kind,
    random_weights,
)
from runners.wire import WeightsKind

FILE = "X_pretrained.pdparams (sha256 0123456789ab)"


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [(WeightsKind.STATED, ""), (WeightsKind.RANDOM, RANDOM_REFUSAL), (WeightsKind.SEEDED_INT8, SEEDED_REFUSAL)],
)
def test_only_weights_that_somebody_answers_for_have_an_accuracy(kind: WeightsKind, refusal: str) -> None:
    assert accuracy_refusal(kind) == accuracy_refusal(kind.value) == refusal


def test_refusal_of_seeded_inputs_says_how_to_calibrate() -> None:
    assert "--calibrate FOLDER" in SEEDED_REFUSAL


@pytest.mark.parametrize(
    ("kind", "is_on_images", "of_int8"),
    [
        (WeightsKind.STATED, True, WeightsKind.STATED),
        (WeightsKind.STATED, False, WeightsKind.SEEDED_INT8),
        (WeightsKind.RANDOM, True, WeightsKind.RANDOM),
        (WeightsKind.RANDOM, False, WeightsKind.RANDOM),
    ],
)
def test_calibrating_trains_nothing(kind: WeightsKind, is_on_images: bool, of_int8: WeightsKind) -> None:
    assert quantized_kind(kind, is_on_images=is_on_images) == of_int8


@pytest.mark.parametrize(
    "weights",
    [
        "random",
        "Random weights",
        random_weights(3),
        "random (seed 0), int8",
        quantized(random_weights(0), on_images(5, "a" * 12)),
        quantized(random_weights(0), on_seeded_inputs(32)),
    ],
)
def test_words_say_that_weights_are_random(weights: str) -> None:
    assert kind_said(weights) == WeightsKind.RANDOM


def test_words_say_that_int8_is_calibrated_on_seeded_inputs() -> None:
    assert kind_said(quantized(FILE, on_seeded_inputs(32))) == WeightsKind.SEEDED_INT8
    assert kind_said(quantized(f"a, as in {FILE}", on_seeded_inputs(32))) == WeightsKind.SEEDED_INT8


@pytest.mark.parametrize(
    "weights",
    [
        "",
        FILE,
        "random_good.pdparams (sha256 0123456789ab)",
        "random (seed 1).pdparams (sha256 0123456789ab)",
        "random, but good.pdparams (sha256 0123456789ab)",
        "as in random.onnx",
        "as in calibrated on 32 seeded inputs.onnx",
        quantized(FILE, on_images(100, "a" * 12)),
    ],
)
def test_other_words_are_taken_as_trained(weights: str) -> None:
    assert kind_said(weights) == WeightsKind.STATED
