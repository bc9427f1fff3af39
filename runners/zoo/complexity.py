"""Counts what a classifier costs, from its ONNX graph alone.

`params` are the trainable ones: what convolutions, fully connected layers and batch norms read, without running means
and variances. `macs` are those of convolutions and fully connected layers, for one image.

`flops_paddle` and `params_paddle` follow the counter behind the published table, so that a measured value stands
next to a printed one. FLOPs: 2 x MACs of convolutions, 1 x MACs of fully connected layers, 2 for every element that a
batch norm gives and 1 for every element that a ReLU gives; all other operators are free. Parameters: those of the
kernels, two for every batch-norm channel, and a single one for the bias of a fully connected layer; the bias of a
convolution is an operator of its own in Paddle and is not counted. Until it was corrected, the counter divided the
size of a kernel by the number of groups although its shape already is per group: MobileNetV1, MobileNetV2 and
ShuffleNetV2 were counted so, MobileNetV3 was not.
Source: Paddle, python/paddle/fluid/contrib/model_stat.py. That file counts pooling too; the three decimals of the
published MobileNetV3 rows agree better without it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import shape_inference

from runners import wire
from runners.zoo import catalogue
from runners.zoo.folding import folded_convolutions


class UncountableModelError(ValueError):
    """The graph has operators or shapes for which there is no count."""


_UNCOUNTED = frozenset({"ConvInteger", "ConvTranspose", "MatMulInteger", "QLinearConv", "QLinearMatMul"})
"""They multiply and accumulate too; leaving them out silently would flatter the model."""


@dataclass(frozen=True)
class Complexity:
    """Counts for one image; the unit is 1, not a million."""

    params: int
    macs: int
    flops_paddle: int
    params_paddle: int


def record(
    path: Path, *, architecture: str | None, input_shape: Sequence[int] = (3, 224, 224)
) -> wire.ComplexityRecord:
    """The complexity of the model file at `path`; an architecture outside the catalogue gets the corrected counter.

    Raises: `UncountableModelError`; `google.protobuf.message.DecodeError` where the file is not ONNX.
    """
    known = catalogue.ARCHITECTURES.get(architecture or "")
    # External data would be read from wherever the file says, and shapes do not need it.
    model = onnx.load(path, load_external_data=False)
    counted = count(
        model, divides_groups_twice=known is not None and known.divides_groups_twice, input_shape=input_shape
    )
    return wire.ComplexityRecord(
        params=counted.params,
        macs=counted.macs,
        flops_paddle=counted.flops_paddle,
        params_paddle=counted.params_paddle,
        storage_bytes=path.stat().st_size,
    )


def count(
    model: onnx.ModelProto, *, divides_groups_twice: bool = False, input_shape: Sequence[int] = (3, 224, 224)
) -> Complexity:
    """Counts the graph as it stands. A batch norm folded into its convolution counts only where the file names that
    convolution, as `runners.zoo.folding` does: so an int8 network counts as its fp32 original.

    `input_shape` replaces dimensions that the model leaves open. An open batch is 1, what a fixed one costs is divided.
    Raises: `UncountableModelError`.
    """
    uncounted = sorted(_UNCOUNTED.intersection(node.op_type for node in model.graph.node))
    if uncounted:
        raise UncountableModelError(f"Cannot count {', '.join(uncounted)}; quantized models must be in QDQ format.")
    shapes = _Shapes(model, input_shape)
    layers = list(_layers(model, shapes))
    return Complexity(
        params=sum(shapes.elements(name) for name in _parameters(model, shapes)) + _folded_scales(model, shapes),
        macs=sum(layer.macs for layer in layers),
        flops_paddle=sum(layer.flops_paddle(divides_groups_twice=divides_groups_twice) for layer in layers),
        params_paddle=sum(layer.params_paddle(divides_groups_twice=divides_groups_twice) for layer in layers),
    )


@dataclass(frozen=True)
class NodeCost:
    """What one node of the graph costs; `shape` is that of its output, the batch left out."""

    shape: tuple[int, ...]
    macs: int
    params: int


def node_costs(model: onnx.ModelProto, *, input_shape: Sequence[int] = (3, 224, 224)) -> Iterator[NodeCost]:
    """The nodes that cost something, in the graph's order; together they are what `count` counts.

    A parameter that several nodes read counts at the first.
    Raises: `UncountableModelError`.
    """
    shapes, folded = _Shapes(model, input_shape), folded_convolutions(model)
    counted: set[str] = set()
    for node in model.graph.node:
        read = _parameters_of(node, shapes) - counted
        counted |= read
        macs = sum(layer.macs for layer in _layers_of(node, shapes, folded))
        params = sum(shapes.elements(name) for name in read) + _scales_of(node, shapes, folded)
        if macs or params:
            yield NodeCost(tuple(shapes.of(node.output[0])[1:]), macs, params)


@dataclass(frozen=True)
class _Layer:
    """A node that costs something. `kernel` is the number of weights, `depth` of products behind one output."""

    op_type: str
    outputs: int
    kernel: int = 0
    depth: int = 0
    groups: int = 1

    @property
    def macs(self) -> int:
        return self.outputs * self.depth

    def flops_paddle(self, *, divides_groups_twice: bool) -> int:
        match self.op_type:
            case "Conv":
                return 2 * self.macs // (self.groups if divides_groups_twice else 1)
            case "BatchNormalization":
                return 2 * self.outputs
            case "Relu":
                return self.outputs
        return self.macs

    def params_paddle(self, *, divides_groups_twice: bool) -> int:
        match self.op_type:
            case "Conv":
                return self.kernel // (self.groups if divides_groups_twice else 1)
            case "BatchNormalization":
                return 2 * self.kernel
            case "Relu":
                return 0
        return self.kernel + 1


class _Shapes:
    """The shape of every value of the graph, and which values are constant."""

    def __init__(self, model: onnx.ModelProto, input_shape: Sequence[int]) -> None:
        inferred, self._batch = _infer(model, input_shape)
        values = [*inferred.input, *inferred.value_info, *inferred.output]
        self._shapes = {value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in values}
        self._shapes |= {tensor.name: list(tensor.dims) for tensor in inferred.initializer}
        self._constants = {tensor.name for tensor in inferred.initializer}
        for node in inferred.node:
            # A quantized network keeps its weights as integers behind a DequantizeLinear.
            if node.op_type == "Constant" or (node.op_type == "DequantizeLinear" and node.input[0] in self._constants):
                self._constants.add(node.output[0])

    def is_constant(self, name: str) -> bool:
        return name in self._constants

    def elements(self, name: str) -> int:
        return math.prod(self.of(name))

    def elements_per_image(self, name: str) -> int:
        return self.elements(name) // self._batch

    def of(self, name: str) -> list[int]:
        """Raises: `UncountableModelError`."""
        shape = self._shapes.get(name)
        if shape is None or 0 in shape:
            raise UncountableModelError(
                f"The shape of {name!r} does not follow from the input; export the model with a fixed input size."
            )
        return shape


def _infer(model: onnx.ModelProto, input_shape: Sequence[int]) -> tuple[onnx.GraphProto, int]:
    """The graph with the shape of every value, and its batch."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    constants = {tensor.name for tensor in fixed.graph.initializer}
    images = [value for value in fixed.graph.input if value.name not in constants]
    wanted = [1, *input_shape]
    if len(images) != 1 or len(images[0].type.tensor_type.shape.dim) != len(wanted):
        raise UncountableModelError(f"The model must have one input of {len(wanted)} dimensions, batch first.")
    dims = images[0].type.tensor_type.shape.dim
    for dim, size in zip(dims, wanted, strict=True):
        # Some exporters write an open size as -1.
        if dim.dim_value <= 0:
            dim.dim_value = size
    try:
        return shape_inference.infer_shapes(fixed, strict_mode=True, data_prop=True).graph, dims[0].dim_value
    except (shape_inference.InferenceError, ValueError) as error:
        raise UncountableModelError(f"The shapes of the model contradict each other: {error}") from error


def _layers(model: onnx.ModelProto, shapes: _Shapes) -> Iterator[_Layer]:
    folded = folded_convolutions(model)
    for node in model.graph.node:
        yield from _layers_of(node, shapes, folded)


def _layers_of(node: onnx.NodeProto, shapes: _Shapes, folded: Collection[str]) -> Iterator[_Layer]:
    if node.op_type == "Conv":
        kernel = shapes.of(node.input[1])
        groups = next((attribute.i for attribute in node.attribute if attribute.name == "group"), 1)
        outputs = shapes.elements_per_image(node.output[0])
        yield _Layer("Conv", outputs, kernel=math.prod(kernel), depth=math.prod(kernel[1:]), groups=groups)
        if node.name in folded:
            yield _Layer("BatchNormalization", outputs, kernel=kernel[0])
    elif node.op_type in ("Gemm", "MatMul") and shapes.is_constant(node.input[1]):
        kernel = shapes.of(node.input[1])
        transposed = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
        outputs = shapes.elements_per_image(node.output[0])
        yield _Layer(node.op_type, outputs, kernel=math.prod(kernel), depth=kernel[-1 if transposed else -2])
    elif node.op_type == "BatchNormalization":
        yield _Layer(node.op_type, shapes.elements_per_image(node.output[0]), kernel=shapes.elements(node.input[1]))
    elif node.op_type == "Relu":
        yield _Layer(node.op_type, shapes.elements_per_image(node.output[0]))


def _parameters(model: onnx.ModelProto, shapes: _Shapes) -> set[str]:
    """Names of the trainable constants; a shared one once."""
    return set().union(*(_parameters_of(node, shapes) for node in model.graph.node))


def _parameters_of(node: onnx.NodeProto, shapes: _Shapes) -> set[str]:
    """An Add or Mul by a scalar is arithmetic, not a parameter."""
    if node.op_type in ("Conv", "Gemm", "MatMul", "PRelu"):
        return {name for name in node.input[1:] if shapes.is_constant(name)}
    if node.op_type == "BatchNormalization":
        return set(node.input[1:3])
    if node.op_type in ("Add", "Mul"):
        return {name for name in node.input if shapes.is_constant(name) and shapes.elements(name) > 1}
    return set()


def _folded_scales(model: onnx.ModelProto, shapes: _Shapes) -> int:
    """The scales of folded batch norms, one a channel; their shifts are the biases of the convolutions."""
    folded = folded_convolutions(model)
    return sum(_scales_of(node, shapes, folded) for node in model.graph.node)


def _scales_of(node: onnx.NodeProto, shapes: _Shapes, folded: Collection[str]) -> int:
    return shapes.of(node.input[1])[0] if node.op_type == "Conv" and node.name in folded else 0
