"""What an ONNX file says of its own weights: which the zoo's files do, in their metadata or by their values."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

from runners.statistics.stated_weights import random_weights
from runners.zoo.graph import PRODUCER, RANDOM_SPREAD

WEIGHTS = "zooboard.weights"
"""Metadata of the model: where its weights come from. Random fp32 networks do not have it, their values tell."""

LONGEST_TEXT = 300
"""See `runners.wire.Artifact`."""


def mark(model: onnx.ModelProto, weights: str) -> None:
    """Write into the model where its weights come from."""
    stated = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, stated | {WEIGHTS: weights})


def weights_of(model: onnx.ModelProto) -> str | None:
    """Where the weights of a file come from as far as it tells; None for a file that is silent."""
    stated = next((entry.value for entry in model.metadata_props if entry.key == WEIGHTS), "")
    if stated:
        return stated if stated.isprintable() and len(stated) <= LONGEST_TEXT else None
    return random_weights(None) if model.producer_name == PRODUCER and _is_untrained(model) else None


def _is_untrained(model: onnx.ModelProto) -> bool:
    """Whether the running variances are the zoo's random ones, of whatever seed: training leaves none so near to 1."""
    held = [tensor for tensor in model.graph.initializer if tensor.data_location != onnx.TensorProto.EXTERNAL]
    arrays = {tensor.name: tensor for tensor in held}
    norms = [node for node in model.graph.node if node.op_type == "BatchNormalization" and node.input[4] in arrays]
    variances = [numpy_helper.to_array(arrays[node.input[4]]) for node in norms]
    return bool(variances) and all(np.abs(values - 1).max(initial=0) <= RANDOM_SPREAD for values in variances)
