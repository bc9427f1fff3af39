from __future__ import annotations

from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest

from runners.zoo import catalogue
from runners.zoo.folding import FOLDED, fold_batch_norms, folded_convolutions
from runners.zoo.weights import FloatArray


def infer(model: onnx.ModelProto, image: FloatArray) -> FloatArray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {"x": image})
    assert isinstance(output, np.ndarray)
    return output


@pytest.mark.parametrize("architecture", ["MobileNetV2_x0_25", "MobileNetV3_small_x0_35", "ShuffleNetV2_x0_25"])
def test_folding_leaves_no_batch_norm_and_the_same_logits(architecture: str) -> None:
    model = catalogue.build(architecture)
    image = np.random.default_rng(0).standard_normal((2, 3, 224, 224)).astype(np.float32)

    folded = fold_batch_norms(model)

    operators = Counter(node.op_type for node in folded.graph.node)
    assert operators["BatchNormalization"] == 0
    onnx.checker.check_model(folded, full_check=True)
    expected = infer(model, image)
    np.testing.assert_allclose(infer(folded, image), expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


def test_folding_names_every_convolution_that_took_one_in_and_leaves_the_original_alone() -> None:
    model = catalogue.build("MobileNetV1_x0_25")
    before = catalogue.serialize(model)

    names = folded_convolutions(fold_batch_norms(model))

    assert len(names) == 27
    assert "blocks.0.depthwise_conv.conv" in names
    assert catalogue.serialize(model) == before


@pytest.mark.parametrize("stated", ["no JSON", "3", "[1, 2]"])
def test_metadata_that_is_no_list_of_names_names_nothing(stated: str) -> None:
    model = catalogue.build("MobileNetV1_x0_25")

    onnx.helper.set_model_props(model, {FOLDED: stated})

    assert folded_convolutions(model) == frozenset()
