"""Which stated weights can have an accuracy."""

from __future__ import annotations

import pytest

from runners.statistics.stated_weights import (
    RANDOM_REFUSAL,
    SEEDED_REFUSAL,
    accuracy_refusal,
    on_images,
    on_seeded_inputs,
    quantized,
    random_weights,
)

FILE = "X_pretrained.pdparams (sha256 0123456789ab)"


@pytest.mark.parametrize(
    "weights",
    [
        "random",
        "Random weights",
        random_weights(3),
        f"{random_weights(None)}, as in net.onnx",
        "random (seed 0), int8",
        quantized(random_weights(0), on_images(5, "a" * 12)),
        quantized(random_weights(0), on_seeded_inputs(32)),
    ],
)
def test_random_weights_have_no_accuracy(weights: str) -> None:
    assert accuracy_refusal(weights) == RANDOM_REFUSAL


@pytest.mark.parametrize("suffix", ["", ", as in net.onnx"])
def test_int8_on_seeded_inputs_has_no_accuracy_and_says_how_to_calibrate(suffix: str) -> None:
    refusal = accuracy_refusal(quantized(FILE, on_seeded_inputs(32)) + suffix)

    assert refusal == SEEDED_REFUSAL
    assert "--calibrate FOLDER" in refusal


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
def test_everything_else_is_taken_as_trained(weights: str) -> None:
    assert accuracy_refusal(weights) == ""
