from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from runners.engines import get_engine
from runners.zoo import catalogue
from runners.zoo.images import UnreadableImageError
from runners.zoo.quantize import Calibration, quantize
from runners.zoo.weights import FloatArray
from tests.runners.engines import networks

LOGIT_TOLERANCE = 0.2
"""Root mean square of the error over that of the logits: 0.03 to 0.13 is usual, a saturating kernel gives over 0.25."""


def infer(content: bytes) -> FloatArray:
    images = np.random.default_rng(5).standard_normal((2, 3, 224, 224)).astype(np.float32)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {"x": images})
    assert isinstance(output, np.ndarray)
    return output


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    return catalogue.build("ShuffleNetV2_x0_25")


@pytest.fixture(scope="module")
def quantized(model: onnx.ModelProto) -> bytes:
    return quantize(model, calibration=Calibration())


def test_quantized_network_is_qdq_with_a_scale_for_every_output_channel(quantized: bytes) -> None:
    network = onnx.load_from_string(quantized)

    onnx.checker.check_model(network, full_check=True)
    operators = Counter(node.op_type for node in network.graph.node)
    scales = {tensor.name: tensor.dims for tensor in network.graph.initializer}
    assert operators["Conv"] == 56
    assert operators["QuantizeLinear"] > 56
    assert operators["BatchNormalization"] == operators["QLinearConv"] == 0
    assert scales["_conv1._conv.weight_scale"] == [24]


@pytest.mark.parametrize("architecture", ["ShuffleNetV2_x0_25", "MobileNetV3_small_x0_35"])
def test_quantized_network_gives_nearly_the_logits_of_the_original(architecture: str) -> None:
    original = catalogue.build(architecture)

    logits = infer(quantize(original, calibration=Calibration()))

    expected = infer(catalogue.serialize(original))
    error = np.sqrt(np.mean((logits - expected) ** 2) / np.mean(expected**2))
    assert error < LOGIT_TOLERANCE


def test_same_network_and_calibration_give_the_same_bytes(model: onnx.ModelProto, quantized: bytes) -> None:
    before = catalogue.serialize(model)

    again = quantize(model, calibration=Calibration())

    assert again == quantized
    assert catalogue.serialize(model) == before


def test_large_network_shrinks_to_a_quarter() -> None:
    content = quantize(catalogue.build("MobileNetV3_large_x1_0"), calibration=Calibration())

    assert 5.8e6 < len(content) < 6.0e6


def test_images_give_other_ranges_than_seeded_inputs(tmp_path: Path, model: onnx.ModelProto, quantized: bytes) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    for number in range(3):
        Image.fromarray(pixels // (number + 1)).save(tmp_path / f"{number}.png")
    calibration = Calibration(folder=tmp_path)

    content = quantize(model, calibration=calibration)

    digest = hashlib.sha256(b"0.png\n1.png\n2.png\n").hexdigest()[:12]
    assert str(calibration) == f"calibrated on 3 images (list sha256 {digest})"
    assert content != quantized
    assert np.isfinite(infer(content)).all()


def test_quantized_network_runs_in_the_engine_of_the_agent(tmp_path: Path, quantized: bytes) -> None:
    artifact = networks.artifact(tmp_path, quantized)

    session = get_engine("onnxruntime").load(tmp_path, artifact, threads=1)
    logits = session.run(session.input((1, 3, 224, 224), 0))
    session.close()

    assert logits.shape == (1, 1000)
    assert np.isfinite(logits).all()


def test_folder_without_images_is_refused(tmp_path: Path, model: onnx.ModelProto) -> None:
    with pytest.raises(UnreadableImageError, match="no images"):
        quantize(model, calibration=Calibration(folder=tmp_path))
