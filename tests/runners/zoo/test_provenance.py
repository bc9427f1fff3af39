"""What an ONNX file tells of its own weights."""

from __future__ import annotations

import onnx
import pytest

from runners.wire import WeightsKind
from runners.zoo import catalogue, provenance

NAME = "MobileNetV1_x0_25"


@pytest.mark.parametrize("seed", [0, 77])
@pytest.mark.parametrize("architecture", [NAME, "ShuffleNetV2_x0_25", "MobileNetV3_small_x0_35"])
def test_random_network_of_the_zoo_tells_by_its_values(architecture: str, seed: int) -> None:
    model = catalogue.build(architecture, seed=seed)

    assert (provenance.weights_of(model), provenance.kind_of(model)) == ("random (seed unknown)", WeightsKind.RANDOM)


def test_network_with_one_trained_variance_is_not_random() -> None:
    model = catalogue.build(NAME)
    variance = next(tensor for tensor in model.graph.initializer if tensor.name.endswith("_variance"))
    values = onnx.numpy_helper.to_array(variance).copy()
    values[0] = 3.5
    variance.CopyFrom(onnx.numpy_helper.from_array(values, variance.name))

    assert (provenance.weights_of(model), provenance.kind_of(model)) == (None, WeightsKind.STATED)


def test_network_of_somebody_else_tells_nothing() -> None:
    model = catalogue.build(NAME)
    model.producer_name = "pytorch"

    assert (provenance.weights_of(model), provenance.kind_of(model)) == (None, WeightsKind.STATED)


def test_marked_network_tells_its_text_and_kind() -> None:
    model = catalogue.build(NAME)

    provenance.mark(model, "w.pdparams (sha256 0123456789ab)", WeightsKind.SEEDED_INT8)

    assert provenance.weights_of(model) == "w.pdparams (sha256 0123456789ab)"
    assert provenance.kind_of(model) == WeightsKind.SEEDED_INT8


@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        ({provenance.WEIGHTS: "w.pdparams (sha256 0123456789ab)"}, WeightsKind.STATED),
        ({provenance.WEIGHTS: "random (seed 0), int8 QDQ per channel, calibrated on 2 images"}, WeightsKind.RANDOM),
        ({provenance.WEIGHTS: "a, as in b (sha256 01), calibrated on 32 seeded inputs"}, WeightsKind.SEEDED_INT8),
        ({provenance.WEIGHTS: "trained", provenance.KIND: "no such kind"}, WeightsKind.STATED),
    ],
)
def test_network_that_was_built_before_there_were_kinds_tells_by_its_text(
    metadata: dict[str, str], kind: WeightsKind
) -> None:
    model = catalogue.build(NAME)
    onnx.helper.set_model_props(model, metadata)

    assert provenance.kind_of(model) == kind


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[31mred", "long" * 100])
def test_text_that_nobody_should_show_is_not_told(text: str) -> None:
    model = catalogue.build(NAME)

    provenance.mark(model, text, WeightsKind.STATED)

    assert provenance.weights_of(model) is None
