"""Folds each batch norm into the convolution before it, as engines do when they load a network.

A quantizer needs that: a batch norm left between a convolution and its activation would be rounded on its own. The
file remembers which convolutions took one in, so that counting it gives what counting the original gives.
"""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import onnx
from onnx import numpy_helper

from runners.zoo.weights import FloatArray

FOLDED = "zooboard.folded_batch_norms"
"""Metadata of the model: JSON list with the name of every convolution that took a batch norm in."""


def fold_batch_norms(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy in which every convolution that only a batch norm reads has taken it in."""
    folded = onnx.ModelProto()
    folded.CopyFrom(model)
    graph = folded.graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    producers = {output: node for node in graph.node for output in node.output}
    readers = Counter(name for node in graph.node for name in node.input)
    names = []
    for norm in [node for node in graph.node if node.op_type == "BatchNormalization"]:
        conv = producers.get(norm.input[0])
        if conv is None or not _is_foldable(conv, norm, arrays, readers):
            continue
        _fold(conv, norm, arrays)
        graph.node.remove(norm)
        names.append(conv.name)
    used = {name for node in graph.node for name in node.input}
    del graph.initializer[:]
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in arrays.items() if name in used)
    onnx.helper.set_model_props(folded, {FOLDED: json.dumps(names)})
    return folded


def folded_convolutions(model: onnx.ModelProto) -> frozenset[str]:
    """Names of the convolutions that took a batch norm in; none for a file that says nothing."""
    stated = next((entry.value for entry in model.metadata_props if entry.key == FOLDED), "[]")
    try:
        names = json.loads(stated)
    except ValueError:
        return frozenset()
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()


def _is_foldable(
    conv: onnx.NodeProto, norm: onnx.NodeProto, arrays: dict[str, FloatArray], readers: Counter[str]
) -> bool:
    """A convolution with a bias of its own stays: folded, its bias could no longer be counted."""
    if conv.op_type != "Conv" or len(conv.input) != 2:
        return False
    is_alone = readers[conv.output[0]] == 1 and readers[conv.input[1]] == 1 and readers[norm.input[2]] == 1
    return is_alone and all(name in arrays for name in [conv.input[1], *norm.input[1:]])


def _fold(conv: onnx.NodeProto, norm: onnx.NodeProto, arrays: dict[str, FloatArray]) -> None:
    """Rewrites the weight of `conv` and gives it a bias; its output takes the name of the batch norm's."""
    epsilon = next((attribute.f for attribute in norm.attribute if attribute.name == "epsilon"), 1e-5)
    scale, shift, mean, variance = (arrays[name].astype(np.float64) for name in norm.input[1:5])
    factor = scale / np.sqrt(variance + epsilon)
    weight = arrays[conv.input[1]]
    arrays[conv.input[1]] = (weight * factor.reshape(-1, *[1] * (weight.ndim - 1))).astype(np.float32)
    arrays[norm.input[2]] = (shift - mean * factor).astype(np.float32)
    conv.input.append(norm.input[2])
    conv.output[0] = norm.output[0]
