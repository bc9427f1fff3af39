"""A network in FP16: for a provider that has no switch for it."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnxruntime as ort
from onnxruntime.transformers.float16 import convert_float_to_float16

from runners.engines.base import Converter, EngineError
from runners.wire import FailureKind

CONVERTER_NAME = "onnxruntime-float16"


def converter() -> Converter:
    return Converter(CONVERTER_NAME, str(ort.__version__))


def convert(source: Path, target: Path) -> None:
    """Weights and arithmetic in FP16; input and logits stay FP32, as with a provider's own switch.

    Raises: `EngineError` of the user.
    """
    try:
        model = onnx.load(source)
        # It adds casts to the graph that it is given, in an order that follows from the graph alone.
        converted = convert_float_to_float16(model, keep_io_types=True)
        target.write_bytes(converted.SerializeToString(deterministic=True))
    except Exception as error:
        # Protobuf, onnx and the converter each have errors of their own for a network that they do not understand.
        reason = f"{source.name} cannot be converted to FP16: {type(error).__name__}: {error}"
        raise EngineError(FailureKind.USER, reason) from error
