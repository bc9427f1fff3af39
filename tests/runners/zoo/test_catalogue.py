from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from runners.zoo import catalogue


def test_catalogue_has_the_27_architectures_of_the_published_tables() -> None:
    families = Counter(row.family for row in catalogue.ARCHITECTURES.values())

    assert families == {
        "MobileNetV1": 4,
        "MobileNetV2": 6,
        "MobileNetV3_large": 5,
        "MobileNetV3_small": 5,
        "ShuffleNetV2": 7,
    }


def test_unknown_architecture_names_the_close_ones() -> None:
    with pytest.raises(catalogue.UnknownArchitectureError, match=r"'MobileNetV1_x0_2'.*MobileNetV1_x0_25"):
        catalogue.build("MobileNetV1_x0_2")


def test_unknown_architecture_without_a_close_one_names_all() -> None:
    with pytest.raises(catalogue.UnknownArchitectureError, match=r"Known: MobileNetV1_x0_25, .*ShuffleNetV2_swish\."):
        catalogue.build("?")


@pytest.mark.parametrize("architecture", catalogue.ARCHITECTURES)
def test_network_is_valid_onnx_and_infers_each_image_alone(architecture: str) -> None:
    model = catalogue.build(architecture)
    images = np.random.default_rng(0).standard_normal((4, 3, 224, 224)).astype(np.float32)

    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    (together,) = session.run(["logits"], {"x": images})
    (first,) = session.run(["logits"], {"x": images[:1]})

    assert together.shape == (4, 1000)
    assert np.isfinite(together).all()
    np.testing.assert_allclose(together[:1], first, rtol=1e-4, atol=1e-4 * np.abs(first).max())
    # Far above rounding, so that an engine which confuses images or layers is noticed.
    assert np.abs(together[1] - first[0]).max() > 1e-3 * np.abs(first).max()


def test_same_architecture_and_seed_give_the_same_bytes() -> None:
    contents = [catalogue.serialize(catalogue.build("ShuffleNetV2_x0_25", seed=5)) for _ in range(2)]

    assert contents[0] == contents[1]


def test_another_seed_gives_other_weights_in_the_same_graph() -> None:
    zero, one = (catalogue.build("ShuffleNetV2_x0_25", seed=seed) for seed in (0, 1))

    assert list(zero.graph.node) == list(one.graph.node)
    assert all(a.raw_data != b.raw_data for a, b in zip(zero.graph.initializer, one.graph.initializer, strict=True))


def test_write_returns_what_is_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "part"

    file = catalogue.write("MobileNetV3_small_x0_35", seed=0, path=path)

    content = path.read_bytes()
    assert file.name == "model.onnx"
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert file.size_bytes == len(content)


def test_artifact_carries_the_recipe_it_was_built_by() -> None:
    artifact = catalogue.artifact("MobileNetV1_x0_25", seed=2)

    assert artifact.recipe is not None
    assert artifact.recipe.model_dump() == {
        "builder": "zooboard-zoo-1",
        "architecture": "MobileNetV1_x0_25",
        "seed": 2,
    }
    assert artifact.weights == "random (seed 2)"


def test_shufflenet_swish_is_shufflenet_with_another_activation() -> None:
    relu, swish = catalogue.build("ShuffleNetV2"), catalogue.build("ShuffleNetV2_swish")

    operators = Counter(node.op_type for node in relu.graph.node)
    replaced = Counter(node.op_type for node in swish.graph.node)
    assert operators.pop("Relu") == replaced.pop("Sigmoid") == replaced.pop("Mul")
    assert operators == replaced


def test_hidden_channels_of_mobilenet_v3_never_fall_below_nine_tenths() -> None:
    model = catalogue.build("MobileNetV3_small_x0_5")

    channels = {tensor.name: tensor.dims[0] for tensor in model.graph.initializer}
    # 0.5 x 24 is 12, which rounds up to 16; 0.5 x 88 is 44, which rounds up to 48; a squeeze is a plain quarter.
    assert channels["blocks.1.linear_conv.conv.weight"] == 16
    assert channels["blocks.2.expand_conv.conv.weight"] == 48
    assert channels["blocks.6.mid_se.conv1.weight"] == 64 // 4
