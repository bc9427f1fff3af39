from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from runners.zoo.graph import Graph, Tensor

Array = NDArray[np.float32]


def relu(x: Array) -> Array:
    return np.maximum(x, np.float32(0))


def relu6(x: Array) -> Array:
    return np.minimum(relu(x), np.float32(6))


def hard_sigmoid(x: Array) -> Array:
    return np.minimum(relu(np.float32(0.2) * x + np.float32(0.5)), np.float32(1))


def hard_swish(x: Array) -> Array:
    return np.float32(1 / 6) * x * relu6(x + np.float32(3))


def swish(x: Array) -> Array:
    return np.asarray(x / (1 + np.exp(-x)), np.float32)


def images(*shape: int) -> Array:
    return (4 * np.random.default_rng(0).standard_normal(shape)).astype(np.float32)


def finish(graph: Graph, x: Tensor, y: Tensor) -> onnx.ModelProto:
    """The model with an output of any rank."""
    model = graph.model(x, y, producer_version="test")
    model.graph.output[0].type.tensor_type.ClearField("shape")
    return model


def infer(model: onnx.ModelProto, image: Array) -> Array:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {"x": image})
    assert isinstance(output, np.ndarray)
    return output


@pytest.mark.parametrize(
    ("layer", "reference"),
    [
        (Graph.relu, relu),
        (Graph.relu6, relu6),
        (Graph.hard_sigmoid, hard_sigmoid),
        (Graph.hard_swish, hard_swish),
        (Graph.swish, swish),
    ],
)
def test_activation_follows_its_formula(
    layer: Callable[[Graph, Tensor], Tensor], reference: Callable[[Array], Array]
) -> None:
    graph, image = Graph("activation", seed=0), images(2, 3, 8, 8)
    x = graph.input(size=8)

    output = infer(finish(graph, x, layer(graph, x)), image)

    np.testing.assert_allclose(output, reference(image), rtol=1e-5, atol=1e-6)


def test_channel_shuffle_interleaves_the_groups_of_every_image() -> None:
    graph, image = Graph("shuffle", seed=0), images(2, 3, 8, 8)
    x = graph.input(size=8)

    six = graph.concat(x, graph.scale(x, -1.0))
    output = infer(finish(graph, x, graph.channel_shuffle(six)), image)

    order = [0, 3, 1, 4, 2, 5]
    np.testing.assert_array_equal(output, np.concatenate([image, -image], axis=1)[:, order])


def test_halve_splits_the_channels_in_their_order() -> None:
    graph, image = Graph("halve", seed=0), images(1, 3, 8, 8)
    x = graph.input(size=8)

    first, second = graph.halve(graph.concat(x, graph.scale(x, 2.0)))
    output = infer(finish(graph, x, graph.concat(second, first)), image)

    assert (first.channels, second.channels) == (3, 3)
    np.testing.assert_array_equal(output, np.concatenate([2 * image, image], axis=1))


def test_batch_norm_uses_the_stored_statistics() -> None:
    graph, image = Graph("bn", seed=0), images(2, 3, 8, 8)
    x = graph.input(size=8)
    model = finish(graph, x, graph.batch_norm(x, "bn"))

    output = infer(model, image)

    parameters = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    weight, bias, mean, variance = (
        parameters[f"bn.{part}"].reshape(1, 3, 1, 1) for part in ("weight", "bias", "_mean", "_variance")
    )
    expected = (image - mean) / np.sqrt(variance + 1e-5) * weight + bias
    np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("size", "kernel", "stride"), [(8, 3, 1), (8, 3, 2), (7, 5, 2), (7, 1, 1)])
def test_convolution_predicts_the_size_it_gives(size: int, kernel: int, stride: int) -> None:
    graph = Graph("conv", seed=0)
    x = graph.input(size=size)
    y = graph.conv(x, "conv", 6, kernel=kernel, stride=stride, groups=3, bias=True)

    output = infer(finish(graph, x, y), images(2, 3, size, size))

    assert output.shape == (2, y.channels, y.height, y.width)


def test_initializers_are_the_parameters_and_nothing_else() -> None:
    graph = Graph("parameters", seed=0)
    x = graph.input(size=8)

    y = graph.relu6(graph.batch_norm(graph.conv(x, "conv", 4), "bn"))
    y = graph.channel_shuffle(graph.scale(y, 0.8))
    model = graph.model(x, graph.classifier(graph.global_average_pool(y), "fc", 10), producer_version="test")

    names = [tensor.name for tensor in model.graph.initializer]
    assert names == ["conv.weight", "bn.weight", "bn.bias", "bn._mean", "bn._variance", "fc.weight", "fc.bias"]
