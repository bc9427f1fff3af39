"""Decides whether a parsed ONNX model is an image classifier that can be executed, without executing it.

The order matters: what is cheap and bounds the rest comes first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, helper, shape_inference

from runners.zoo.external_data import external_files
from runners.zoo.refused import RefusedFileError

DOMAINS = frozenset({"", "ai.onnx"})
MOST_NODES = 100_000
MOST_NESTED = 4
"""Levels of subgraphs; a classifier has none."""

MOST_ELEMENTS = 2**28
"""Of one value or tensor: 1 GiB as float32."""

CHANNELS = (1, 3)
IMAGE_TYPES = frozenset({TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.UINT8, TensorProto.INT8})
LOGIT_TYPES = frozenset({TensorProto.FLOAT, TensorProto.FLOAT16})


def parse(content: bytes) -> onnx.ModelProto:
    """Raises: `RefusedFileError`."""
    try:
        model = onnx.load_from_string(content)
    except DecodeError:
        raise RefusedFileError("It is no ONNX file: of another format, cut short or nested too deeply.") from None
    if not model.graph.node or not model.opset_import:
        raise RefusedFileError("It is no ONNX file, or one without a graph.")
    return model


def check(model: onnx.ModelProto, path: Path) -> list[Path]:
    """Checks everything of the model at `path` but its shapes; returns the files of its external data.

    Raises: `RefusedFileError`.
    """
    if model.functions:
        raise RefusedFileError("It defines functions of its own; export it with its functions inlined.")
    graphs = list(_graphs(model.graph, depth=0))
    _check_nodes(graphs)
    tensors = [tensor for graph in graphs for tensor in _tensors(graph)]
    files = external_files(tensors, path.parent.resolve())
    for tensor in tensors:
        _check_size(tensor)
    try:
        onnx.checker.check_model(path)
    except (onnx.checker.ValidationError, RuntimeError, ValueError) as error:
        raise RefusedFileError(f"The ONNX checker refuses it: {_first_line(error)}") from None
    return files


def infer(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with the shape of every value for a single image.

    Raises: `RefusedFileError` for contradicting or absurd shapes, and for anything but one image in and logits out.
    """
    try:
        inferred = shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    except (shape_inference.InferenceError, RuntimeError, ValueError) as error:
        raise RefusedFileError(f"Its shapes contradict each other: {_first_line(error)}") from None
    graph = inferred.graph
    for value in [*graph.input, *graph.value_info, *graph.output]:
        elements = math.prod(size for size in dims(value) if isinstance(size, int))
        if elements > MOST_ELEMENTS:
            raise RefusedFileError(f"The value {value.name!r} would have {elements:,} elements.")
    _check_convolutions(graph)
    return inferred


def _check_convolutions(graph: onnx.GraphProto) -> None:
    """ONNX's shape inference compares all of a convolution but the channels; every engine refuses other ones."""
    shapes = {value.name: dims(value) for value in [*graph.input, *graph.value_info, *graph.output]}
    shapes |= {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type != "Conv":
            continue
        x, kernel = shapes.get(node.input[0], []), shapes.get(node.input[1], [])
        found, per_group = (shape[1] if len(shape) > 1 else None for shape in (x, kernel))
        groups = next((attribute.i for attribute in node.attribute if attribute.name == "group"), 1)
        if isinstance(found, int) and isinstance(per_group, int) and found != per_group * groups:
            name = node.name or node.output[0]
            raise RefusedFileError(
                f"The convolution {name!r} takes {per_group * groups} channels and gets {found}. "
                "In ONNX a convolution's channels come second, [images, channels, height, width]."
            )


def image_input(graph: onnx.GraphProto) -> onnx.ValueInfoProto:
    """Raises: `RefusedFileError` unless there is exactly one input and it can be an image."""
    constants = {tensor.name for tensor in graph.initializer}
    inputs: list[onnx.ValueInfoProto] = [value for value in graph.input if value.name not in constants]
    if len(inputs) != 1:
        raise RefusedFileError(f"It has {len(inputs)} inputs; a classifier of images has one.")
    shape = dims(inputs[0])
    is_image = inputs[0].type.tensor_type.elem_type in IMAGE_TYPES and len(shape) == 4
    if not is_image or not (_may_be_channels(shape[1]) or _may_be_channels(shape[3])):
        raise RefusedFileError(
            f"Its input {inputs[0].name!r} is {described(inputs[0])}; "
            "a batch of images has four dimensions, one of them 1 or 3 channels."
        )
    return inputs[0]


def logits_output(graph: onnx.GraphProto) -> onnx.ValueInfoProto:
    """Raises: `RefusedFileError` unless there is exactly one output and it can be the logits of several classes."""
    if len(graph.output) != 1:
        raise RefusedFileError(f"It has {len(graph.output)} outputs; a classifier has one, the logits.")
    output: onnx.ValueInfoProto = graph.output[0]
    shape = dims(output)
    is_logits = output.type.tensor_type.elem_type in LOGIT_TYPES and len(shape) == 2
    if not is_logits or (isinstance(shape[1], int) and shape[1] < 2):
        raise RefusedFileError(
            f"Its output {output.name!r} is {described(output)}; logits are floating-point numbers, [images, classes]."
        )
    return output


def dims(value: onnx.ValueInfoProto) -> list[int | str | None]:
    """A size, the name of an open one, or None; some exporters write an open size as -1."""
    stated = value.type.tensor_type.shape.dim
    return [dim.dim_value if dim.dim_value > 0 else (dim.dim_param or None) for dim in stated]


def described(value: onnx.ValueInfoProto) -> str:
    sizes = ", ".join("?" if size is None else str(size) for size in dims(value))
    return f"{dtype(value.type.tensor_type.elem_type)} [{sizes}]"


def dtype(elem_type: int) -> str:
    name: str = TensorProto.DataType.Name(elem_type)
    return name.lower()


def _graphs(graph: onnx.GraphProto, *, depth: int) -> Iterator[onnx.GraphProto]:
    """The graph and those inside it."""
    if depth > MOST_NESTED:
        raise RefusedFileError(f"Its subgraphs are nested more than {MOST_NESTED} levels deep.")
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]:
                yield from _graphs(inner, depth=depth + 1)


def _check_nodes(graphs: list[onnx.GraphProto]) -> None:
    if sum(len(graph.node) for graph in graphs) > MOST_NODES:
        raise RefusedFileError(f"It has more than {MOST_NODES:,} nodes.")
    for node in (node for graph in graphs for node in graph.node):
        if node.domain not in DOMAINS:
            raise RefusedFileError(
                f"It uses {node.op_type!r} of the domain {node.domain!r}; "
                "only ONNX's own operators run on every engine."
            )


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Everything that holds numbers: weights, and constants in the attributes of nodes."""
    attributes = [attribute for node in graph.node for attribute in node.attribute]
    yield from graph.initializer
    for attribute in attributes:
        yield from [*([attribute.t] if attribute.HasField("t") else []), *attribute.tensors]
    for sparse in [*graph.sparse_initializer, *(inner for attribute in attributes for inner in _sparse(attribute))]:
        if math.prod(sparse.dims) > MOST_ELEMENTS:
            raise RefusedFileError(f"The sparse tensor {sparse.values.name!r} would be far too large.")
        yield from (sparse.values, sparse.indices)


def _sparse(attribute: onnx.AttributeProto) -> Iterator[onnx.SparseTensorProto]:
    yield from [*([attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []), *attribute.sparse_tensors]


def _check_size(tensor: onnx.TensorProto) -> None:
    """A tensor holds as much data as its shape says, so that no small file asks for large memory."""
    if tensor.data_type not in helper.get_all_tensor_dtypes():
        raise RefusedFileError(f"The tensor {tensor.name!r} has no known type of data.")
    if any(size < 0 for size in tensor.dims):
        raise RefusedFileError(f"The tensor {tensor.name!r} has a negative size.")
    elements = math.prod(tensor.dims)
    if elements > MOST_ELEMENTS:
        raise RefusedFileError(f"The tensor {tensor.name!r} would have {elements:,} elements.")
    if tensor.data_location == TensorProto.EXTERNAL:
        return
    if not _holds(tensor, elements):
        raise RefusedFileError(
            f"The tensor {tensor.name!r} does not hold the {elements:,} elements that its shape says."
        )


def _holds(tensor: onnx.TensorProto, elements: int) -> bool:
    if tensor.data_type == TensorProto.STRING:
        return len(tensor.string_data) == elements
    if not tensor.HasField("raw_data"):
        field = helper.tensor_dtype_to_field(tensor.data_type)
        per_element = 2 if tensor.data_type in (TensorProto.COMPLEX64, TensorProto.COMPLEX128) else 1
        return tensor.data_type in _PACKED or len(getattr(tensor, field)) == per_element * elements
    if tensor.data_type in _PACKED:
        return len(tensor.raw_data) == -(-elements // 2)
    return len(tensor.raw_data) == elements * helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize


_PACKED = (TensorProto.INT4, TensorProto.UINT4, TensorProto.FLOAT4E2M1)
"""Two elements a byte."""


def _may_be_channels(size: int | str | None) -> bool:
    return not isinstance(size, int) or size in CHANNELS


def _first_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else f"{text[:300]}…"
