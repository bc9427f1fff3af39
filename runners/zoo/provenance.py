"""What an ONNX file says of its own weights: which the zoo's files do, in their metadata or by their values."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

from runners.statistics.stated_weights import kind_said, random_weights
from runners.wire import WeightsKind
from runners.zoo.graph import PRODUCER, RANDOM_SPREAD

WEIGHTS = "zooboard.weights"
"""Metadata of the model: where its weights come from. Random fp32 networks do not have it, their values tell."""

KIND = "zooboard.weights-kind"
"""Metadata beside it: a `runners.wire.WeightsKind`."""

LONGEST_TEXT = 300
"""See `runners.wire.Artifact`."""


def mark(model: onnx.ModelProto, weights: str, kind: WeightsKind) -> None:
    """Write into the model where its weights come from, and of what kind they are."""
    onnx.helper.set_model_props(model, _metadata(model) | {WEIGHTS: weights, KIND: kind.value})


def weights_of(model: onnx.ModelProto) -> str | None:
    """Where the weights of a file come from as far as it tells; None for a file that is silent."""
    stated = _metadata(model).get(WEIGHTS, "")
    if stated:
        return stated if stated.isprintable() and len(stated) <= LONGEST_TEXT else None
    return random_weights(None) if _is_untrained(model) else None


def kind_of(model: onnx.ModelProto) -> WeightsKind:
    """As far as the file tells; the weights of a silent one are taken as trained."""
    metadata = _metadata(model)
    if metadata.get(KIND) in set(WeightsKind):
        return WeightsKind(metadata[KIND])
    if metadata.get(WEIGHTS):
        return kind_said(metadata[WEIGHTS])
    return WeightsKind.RANDOM if _is_untrained(model) else WeightsKind.STATED


def _metadata(model: onnx.ModelProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in model.metadata_props}


def _is_untrained(model: onnx.ModelProto) -> bool:
    """Whether the running variances are the zoo's random ones, of whatever seed: training leaves none so near to 1."""
    if model.producer_name != PRODUCER:
        return False
    held = [tensor for tensor in model.graph.initializer if tensor.data_location != onnx.TensorProto.EXTERNAL]
    arrays = {tensor.name: tensor for tensor in held}
    norms = [node for node in model.graph.node if node.op_type == "BatchNormalization" and node.input[4] in arrays]
    variances = [numpy_helper.to_array(arrays[node.input[4]]) for node in norms]
    return bool(variances) and all(np.abs(values - 1).max(initial=0) <= RANDOM_SPREAD for values in variances)
