"""Writes an ONNX classifier in the terms of its paper: convolution, batch norm, pooling, activation.

Initializers are the network's parameters and nothing else, under the names they have in PaddleClas's weight
files; other constants are `Constant` nodes. Batch norms stay nodes of their own, so that weights can be loaded
by name; engines fold them when they load the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from runners.zoo import weights

OPSET = 13
"""The oldest with per-channel QuantizeLinear, so that one file serves old converters and int8 alike."""

IR_VERSION = 8
BATCH_NORM_EPSILON = 1e-5
PRODUCER = "zooboard"
RANDOM_SPREAD = 0.125
"""How far random biases and batch-norm statistics are from 0 or 1, at most."""

INPUT = "x"
OUTPUT = "logits"


@dataclass(frozen=True)
class Tensor:
    """A value of the graph: [N, channels, height, width], or [N, channels] after `classifier`."""

    name: str
    channels: int
    height: int = 1
    width: int = 1


class Graph:
    """Collects nodes and parameters; each method adds one layer and returns its output."""

    def __init__(self, name: str, *, seed: int) -> None:
        self._name = name
        self._seed = seed
        self._nodes: list[onnx.NodeProto] = []
        self._parameters: list[onnx.TensorProto] = []

    def input(self, *, size: int = 224) -> Tensor:
        return Tensor(INPUT, 3, size, size)

    def conv(
        self,
        x: Tensor,
        name: str,
        channels: int,
        *,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        bias: bool = False,
        gain: float = 2.0,
    ) -> Tensor:
        """Square convolution with "same" padding; `gain` scales the random weights, see `weights.kernel`."""
        shape = (channels, x.channels // groups, kernel, kernel)
        fan_in = shape[1] * kernel * kernel
        inputs = [x.name, self._kernel(f"{name}.weight", shape, fan_in=fan_in, gain=gain)]
        if bias:
            inputs.append(self._vector(f"{name}.bias", channels))
        padding = kernel // 2
        output = self._node(
            "Conv",
            inputs,
            name=name,
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[padding] * 4,
            dilations=[1, 1],
            group=groups,
        )
        return Tensor(output, channels, _strided(x.height, stride), _strided(x.width, stride))

    def batch_norm(self, x: Tensor, name: str) -> Tensor:
        """Batch norm as it infers: with the stored mean and variance."""
        inputs = [
            x.name,
            self._vector(f"{name}.weight", x.channels, centre=1.0),
            self._vector(f"{name}.bias", x.channels),
            self._vector(f"{name}._mean", x.channels),
            self._vector(f"{name}._variance", x.channels, centre=1.0),
        ]
        return _like(x, self._node("BatchNormalization", inputs, name=name, epsilon=BATCH_NORM_EPSILON))

    def classifier(self, x: Tensor, name: str, classes: int) -> Tensor:
        """The fully connected layer that gives the logits; its weight is stored [inputs, classes] as Paddle does."""
        inputs = x.channels * x.height * x.width
        flat = self._node("Flatten", [x.name], axis=1)
        weight = self._kernel(f"{name}.weight", (inputs, classes), fan_in=inputs, gain=1.0)
        return Tensor(self._node("Gemm", [flat, weight, self._vector(f"{name}.bias", classes)], name=OUTPUT), classes)

    def max_pool(self, x: Tensor, *, kernel: int = 3, stride: int = 2) -> Tensor:
        pads = [kernel // 2] * 4
        output = self._node("MaxPool", [x.name], kernel_shape=[kernel, kernel], strides=[stride, stride], pads=pads)
        return Tensor(output, x.channels, _strided(x.height, stride), _strided(x.width, stride))

    def global_average_pool(self, x: Tensor) -> Tensor:
        return Tensor(self._node("GlobalAveragePool", [x.name]), x.channels)

    def relu(self, x: Tensor) -> Tensor:
        return _like(x, self._node("Relu", [x.name]))

    def relu6(self, x: Tensor) -> Tensor:
        return _like(x, self._node("Clip", [x.name, self._constant(np.float32(0)), self._constant(np.float32(6))]))

    def hard_sigmoid(self, x: Tensor, *, slope: float = 0.2, offset: float = 0.5) -> Tensor:
        return _like(x, self._node("HardSigmoid", [x.name], alpha=slope, beta=offset))

    def hard_swish(self, x: Tensor) -> Tensor:
        """x * relu6(x + 3) / 6, written as two operators since opset 13 has no HardSwish."""
        return self.multiply(x, self.hard_sigmoid(x, slope=1 / 6, offset=0.5))

    def swish(self, x: Tensor) -> Tensor:
        return self.multiply(x, _like(x, self._node("Sigmoid", [x.name])))

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        return _like(a, self._node("Add", [a.name, b.name]))

    def multiply(self, a: Tensor, b: Tensor) -> Tensor:
        """Element by element; `b` may be [N, C, 1, 1], one factor per channel."""
        return _like(a, self._node("Mul", [a.name, b.name]))

    def scale(self, x: Tensor, factor: float) -> Tensor:
        return _like(x, self._node("Mul", [x.name, self._constant(np.float32(factor))]))

    def concat(self, a: Tensor, b: Tensor) -> Tensor:
        return Tensor(self._node("Concat", [a.name, b.name], axis=1), a.channels + b.channels, a.height, a.width)

    def halve(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The first and the second half of the channels."""
        half = x.channels // 2
        names = [f"Split_{len(self._nodes)}_{part}" for part in (0, 1)]
        sizes = self._constant(np.array([half, half], np.int64))
        self._nodes.append(helper.make_node("Split", [x.name, sizes], names, name=names[0], axis=1))
        return (Tensor(names[0], half, x.height, x.width), Tensor(names[1], half, x.height, x.width))

    def channel_shuffle(self, x: Tensor, *, groups: int = 2) -> Tensor:
        """Interleaves the channels of the groups. The leading 0 of each shape keeps the batch size."""
        per_group = x.channels // groups
        grouped = self._reshape(x.name, [0, groups, per_group, x.height, x.width])
        swapped = self._node("Transpose", [grouped], perm=[0, 2, 1, 3, 4])
        return _like(x, self._reshape(swapped, [0, x.channels, x.height, x.width]))

    def model(self, x: Tensor, logits: Tensor, *, producer_version: str) -> onnx.ModelProto:
        """The finished model for any batch size."""
        image = helper.make_tensor_value_info(x.name, TensorProto.FLOAT, ["N", x.channels, x.height, x.width])
        output = helper.make_tensor_value_info(logits.name, TensorProto.FLOAT, ["N", logits.channels])
        graph = helper.make_graph(self._nodes, self._name, [image], [output], initializer=self._parameters)
        return helper.make_model(
            graph,
            producer_name=PRODUCER,
            producer_version=producer_version,
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )

    def _node(self, op_type: str, inputs: list[str], *, name: str | None = None, **attributes: Any) -> str:
        output = name or f"{op_type}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(op_type, inputs, [output], name=output, **attributes))
        return output

    def _constant(self, value: np.generic | np.ndarray[Any, Any]) -> str:
        return self._node("Constant", [], value=numpy_helper.from_array(np.asarray(value)))

    def _reshape(self, name: str, shape: list[int]) -> str:
        return self._node("Reshape", [name, self._constant(np.array(shape, np.int64))])

    def _kernel(self, name: str, shape: tuple[int, ...], *, fan_in: int, gain: float) -> str:
        values = weights.kernel(name, shape, fan_in=fan_in, gain=gain, seed=self._seed)
        self._parameters.append(numpy_helper.from_array(values, name))
        return name

    def _vector(self, name: str, size: int, *, centre: float = 0.0) -> str:
        values = weights.around(centre, name, size, spread=RANDOM_SPREAD, seed=self._seed)
        self._parameters.append(numpy_helper.from_array(values, name))
        return name


class Outline(Graph):
    """Gives the parameters their shapes and no values, which is all that counting and recognising need."""

    def __init__(self, name: str) -> None:
        super().__init__(name, seed=0)

    def _kernel(self, name: str, shape: tuple[int, ...], *, fan_in: int, gain: float) -> str:
        self._parameters.append(TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape))
        return name

    def _vector(self, name: str, size: int, *, centre: float = 0.0) -> str:
        return self._kernel(name, (size,), fan_in=1, gain=1.0)


def _strided(size: int, stride: int) -> int:
    """Output size of an odd kernel with "same" padding."""
    return (size - 1) // stride + 1


def _like(x: Tensor, name: str) -> Tensor:
    return Tensor(name, x.channels, x.height, x.width)
