"""Quantizes a network to int8: QDQ format, symmetric weights with one scale per output channel, one per activation.

Source: Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference,
arXiv:1712.05877, for the scheme; onnxruntime.quantization computes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from runners.scratch import scratch_folder
from runners.statistics import stated_weights
from runners.zoo import images
from runners.zoo.folding import FOLDED, fold_batch_norms, folded_convolutions
from runners.zoo.weights import FloatArray

SEEDED_INPUTS = 32
DIGEST_DIGITS = 12
"""Of the images' list in a text for people."""


@dataclass(frozen=True)
class Calibration:
    """What the ranges of the activations are taken from: the images of a folder, or else seeded normal inputs.

    Seeded inputs give ranges that no photograph has: such a network is for latency and storage, not for accuracy.
    """

    folder: Path | None = None
    seed: int = 0

    def __str__(self) -> str:
        if self.folder is None:
            return stated_weights.on_seeded_inputs(SEEDED_INPUTS)
        digest = images.list_sha256(self.folder)[:DIGEST_DIGITS]
        return stated_weights.on_images(len(images.listed(self.folder)), digest)

    def inputs(self, shape: tuple[int, ...]) -> Iterator[FloatArray]:
        """One input of batch 1 after the other, so that memory does not grow with their number.

        Raises: `runners.zoo.images.UnreadableImageError`.
        """
        if self.folder is not None:
            for path in images.listed(self.folder):
                yield images.prepared(path)[np.newaxis]
            return
        for number in range(SEEDED_INPUTS):
            # A generator each: NumPy keeps the stream of one seed, whatever was drawn before.
            yield np.random.RandomState([self.seed, number]).standard_normal((1, *shape)).astype(np.float32)


def quantize(model: onnx.ModelProto, *, calibration: Calibration) -> bytes:
    """The int8 network of an fp32 one; the same bytes on one machine with the same releases.

    Raises: `runners.zoo.images.UnreadableImageError`, `OSError`.
    """
    reader = _Reader(model, calibration)
    folded = fold_batch_norms(model)
    names = sorted(folded_convolutions(folded))
    # It says that nothing is left to fold; without it the quantizer logs advice to fold first.
    add_pre_process_metadata(folded)
    with scratch_folder("zooboard-int8-") as folder:
        target = folder / "int8.onnx"
        quantize_static(
            folded,
            target,
            reader,
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            # Weights of 7 bits: a CPU without dot-product instructions adds two products in 16 bits, which 8 overflow.
            reduce_range=True,
            # A ReLU that the quantizer may drop still counts as one; engines fuse it when they load the file.
            extra_options={"QDQKeepRemovableActivations": True},
        )
        quantized = onnx.load(target)
    quantized.graph.name = model.graph.name
    quantized.producer_name, quantized.producer_version = model.producer_name, model.producer_version
    stated = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(quantized, stated | {FOLDED: json.dumps(names)})
    content: bytes = quantized.SerializeToString(deterministic=True)
    return content


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no type information
    """Hands the inputs to the calibrator one by one."""

    def __init__(self, model: onnx.ModelProto, calibration: Calibration) -> None:
        constants = {tensor.name for tensor in model.graph.initializer}
        (image,) = [value for value in model.graph.input if value.name not in constants]
        self._name = image.name
        self._inputs = calibration.inputs(tuple(dim.dim_value for dim in image.type.tensor_type.shape.dim)[1:])

    def get_next(self) -> Mapping[str, FloatArray] | None:
        image = next(self._inputs, None)
        return None if image is None else {self._name: image}
