from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from runners.zoo import catalogue, complexity
from runners.zoo.quantize import Calibration, quantize

EXPECTED = {
    # architecture: trainable parameters (M), MACs (M), published parameters (M), published FLOPs (G)
    "MobileNetV1_x0_25": (0.470, 41.03, 0.46, 0.070),
    "MobileNetV1_x0_5": (1.332, 149.50, 1.31, 0.280),
    "MobileNetV1_x0_75": (2.586, 325.40, 2.55, 0.630),
    "MobileNetV1": (4.232, 568.74, 4.19, 1.110),
    "MobileNetV2_x0_25": (1.517, 30.48, 1.50, 0.050),
    "MobileNetV2_x0_5": (1.966, 92.27, 1.93, 0.170),
    "MobileNetV2_x0_75": (2.629, 186.65, 2.58, 0.350),
    "MobileNetV2": (3.506, 313.62, 3.44, 0.600),
    "MobileNetV2_x1_5": (6.853, 681.02, 6.76, 1.320),
    "MobileNetV2_x2_0": (11.262, 1188.81, 11.13, 2.320),
    "MobileNetV3_large_x0_35": (2.104, 37.19, 2.10, 0.077),
    "MobileNetV3_large_x0_5": (2.673, 66.70, 2.67, 0.138),
    "MobileNetV3_large_x0_75": (3.912, 143.78, 3.91, 0.296),
    "MobileNetV3_large_x1_0": (5.480, 219.80, 5.47, 0.450),
    "MobileNetV3_large_x1_25": (7.443, 349.97, 7.44, 0.714),
    "MobileNetV3_small_x0_35": (1.666, 13.16, 1.66, 0.026),
    "MobileNetV3_small_x0_5": (1.903, 20.76, 1.90, 0.043),
    "MobileNetV3_small_x0_75": (2.375, 43.05, 2.37, 0.088),
    "MobileNetV3_small_x1_0": (2.940, 60.12, 2.94, 0.123),
    "MobileNetV3_small_x1_25": (3.627, 95.36, 3.62, 0.195),
    "ShuffleNetV2_x0_25": (0.604, 17.58, 0.60, 0.030),
    "ShuffleNetV2_x0_33": (0.647, 22.45, 0.64, 0.040),
    "ShuffleNetV2_x0_5": (1.367, 40.48, 1.36, 0.080),
    "ShuffleNetV2": (2.279, 144.91, 2.26, 0.280),
    "ShuffleNetV2_x1_5": (3.504, 295.76, 3.47, 0.580),
    "ShuffleNetV2_x2_0": (7.367, 564.37, 7.32, 1.120),
    "ShuffleNetV2_swish": (2.279, 144.91, 2.26, 0.290),
}
"""Source: the networks of PaddleClas counted by their own classes, and its "Mobile and Embedded Vision Applications
Network series", table 2.4.2."""


def tensor(name: str, *shape: int) -> onnx.TensorProto:
    return numpy_helper.from_array(np.zeros(shape, np.float32), name)


def classifier(
    nodes: list[onnx.NodeProto], initializers: list[onnx.TensorProto], *, shape: list[int | str]
) -> onnx.ModelProto:
    image = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "hand", [image], [output], initializer=initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])


def depthwise() -> onnx.ModelProto:
    """Four channels of 6x6, a 3x3 depthwise convolution with bias, batch norm, ReLU, and a classifier of ten."""
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=4),
        helper.make_node("BatchNormalization", ["c", "scale", "shift", "mean", "variance"], ["n"]),
        helper.make_node("Relu", ["n"], ["r"]),
        helper.make_node("GlobalAveragePool", ["r"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "fc", "fc_b"], ["y"], transB=1),
    ]
    vectors = [tensor(name, 4) for name in ("b", "scale", "shift", "mean", "variance")]
    initializers = [tensor("w", 4, 1, 3, 3), *vectors, tensor("fc", 10, 4), tensor("fc_b", 10)]
    return classifier(nodes, initializers, shape=["N", 4, "H", "W"])


@pytest.mark.parametrize("architecture", catalogue.ARCHITECTURES)
def test_counts_of_the_catalogue_agree_with_the_references(architecture: str) -> None:
    params, macs, published_params, published_flops = EXPECTED[architecture]
    row = catalogue.find(architecture)

    counted = complexity.count(catalogue.build(architecture), divides_groups_twice=row.divides_groups_twice)

    assert round(counted.params / 1e6, 3) == params
    assert round(counted.macs / 1e6, 2) == macs
    # The smallest published values have rounded more than 0.4 % away.
    assert abs(counted.params_paddle / 1e6 - published_params) <= max(0.004 * published_params, 0.005)
    assert abs(counted.flops_paddle / 1e9 - published_flops) < 0.01


def test_depthwise_network_is_counted_by_hand() -> None:
    counted = complexity.count(depthwise(), input_shape=(4, 6, 6))

    assert counted.params == 36 + 4 + 4 + 4 + 40 + 10
    assert counted.macs == 4 * 36 * 9 + 40
    assert counted.flops_paddle == 2 * 4 * 36 * 9 + 2 * 144 + 144 + 40
    assert counted.params_paddle == 36 + 2 * 4 + 40 + 1


def test_the_old_counter_divides_depthwise_kernels_by_their_groups_again() -> None:
    corrected = complexity.count(depthwise(), input_shape=(4, 6, 6))

    old = complexity.count(depthwise(), divides_groups_twice=True, input_shape=(4, 6, 6))

    assert old.flops_paddle == corrected.flops_paddle - 2 * 4 * 36 * 9 * 3 // 4
    assert old.params_paddle == corrected.params_paddle - 36 * 3 // 4
    assert (old.params, old.macs) == (corrected.params, corrected.macs)


def test_fully_connected_layer_may_be_a_product_and_a_sum() -> None:
    nodes = [
        helper.make_node("Flatten", ["x"], ["f"]),
        helper.make_node("MatMul", ["f", "fc"], ["m"]),
        helper.make_node("Add", ["m", "fc_b"], ["y"]),
    ]

    counted = complexity.count(
        classifier(nodes, [tensor("fc", 12, 5), tensor("fc_b", 5)], shape=["N", 3, 2, 2]), input_shape=(3, 2, 2)
    )

    assert (counted.params, counted.macs) == (60 + 5, 60)


def test_int8_kernel_behind_a_dequantizer_counts_as_a_kernel() -> None:
    kernel = numpy_helper.from_array(np.zeros((8, 3, 1, 1), np.int8), "w")
    scale, zero = tensor("s", 8), numpy_helper.from_array(np.zeros(8, np.int8), "z")
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["d"], axis=0),
        helper.make_node("Conv", ["x", "d"], ["y"]),
    ]

    counted = complexity.count(classifier(nodes, [kernel, scale, zero], shape=["N", 3, 2, 2]), input_shape=(3, 2, 2))

    assert (counted.params, counted.macs) == (24, 24 * 4)


@pytest.mark.parametrize("architecture", ["MobileNetV1_x0_25", "MobileNetV3_small_x0_35", "ShuffleNetV2_swish"])
def test_int8_network_counts_as_its_original(architecture: str) -> None:
    original, row = catalogue.build(architecture), catalogue.find(architecture)
    quantized = onnx.load_from_string(quantize(original, calibration=Calibration()))

    counted = complexity.count(quantized, divides_groups_twice=row.divides_groups_twice)

    assert counted == complexity.count(original, divides_groups_twice=row.divides_groups_twice)


def test_outline_counts_as_the_network_that_it_outlines() -> None:
    outline, network = catalogue.outline("MobileNetV2_x0_25"), catalogue.build("MobileNetV2_x0_25")

    assert complexity.count(outline) == complexity.count(network)


def test_open_size_that_is_written_as_minus_one_is_replaced() -> None:
    node = helper.make_node("Conv", ["x", "w"], ["y"])

    counted = complexity.count(
        classifier([node], [tensor("w", 2, 3, 1, 1)], shape=[-1, 3, -1, -1]), input_shape=(3, 4, 4)
    )

    assert counted.macs == 6 * 16


def test_scalar_factor_is_not_a_parameter() -> None:
    nodes = [helper.make_node("Mul", ["x", "half"], ["m"]), helper.make_node("Conv", ["m", "w"], ["y"])]

    counted = complexity.count(
        classifier(nodes, [tensor("half"), tensor("w", 2, 3, 1, 1)], shape=["N", 3, 2, 2]), input_shape=(3, 2, 2)
    )

    assert counted.params == 6


def test_operator_without_a_count_is_named() -> None:
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"])

    with pytest.raises(complexity.UncountableModelError, match="ConvTranspose"):
        complexity.count(classifier([node], [tensor("w", 3, 2, 1, 1)], shape=["N", 3, 2, 2]))


def test_input_of_another_rank_is_refused() -> None:
    with pytest.raises(complexity.UncountableModelError, match="one input of 4 dimensions"):
        complexity.count(classifier([helper.make_node("Relu", ["x"], ["y"])], [], shape=["N", 3]))


def test_contradicting_shapes_are_refused() -> None:
    node = helper.make_node("MatMul", ["x", "w"], ["y"])

    with pytest.raises(complexity.UncountableModelError, match="contradict"):
        complexity.count(classifier([node], [tensor("w", 5, 8)], shape=["N", 3, 224, 224]))


def test_shape_that_depends_on_the_pixels_is_refused() -> None:
    nodes = [
        helper.make_node("NonZero", ["x"], ["i"]),
        helper.make_node("Cast", ["i"], ["c"], to=TensorProto.FLOAT),
        helper.make_node("Relu", ["c"], ["y"]),
    ]

    with pytest.raises(complexity.UncountableModelError, match="fixed input size"):
        complexity.count(classifier(nodes, [], shape=["N", 3, 224, 224]))


def test_record_takes_the_counter_of_the_architecture_and_the_size_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    file = catalogue.write("ShuffleNetV2_x0_25", path=path)

    known = complexity.record(path, architecture="ShuffleNetV2_x0_25")
    unknown = complexity.record(path, architecture=None)

    assert known.storage_bytes == file.size_bytes
    assert known.params == unknown.params == 603_688
    assert known.flops_paddle < unknown.flops_paddle
