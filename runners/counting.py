"""What the child of a complexity order does: counts the graph of an ONNX file and executes nothing."""

from __future__ import annotations

import onnx
from google.protobuf.message import DecodeError

from runners.engines import get_engine
from runners.engines.base import EngineError
from runners.orders import COUNTER, ChildOrder, CountedGraph
from runners.wire import FailureKind, RunOrder
from runners.zoo import complexity


def count_graph(child_order: ChildOrder) -> CountedGraph:
    """Raises: `EngineError` when the artifact is no ONNX graph or has operators for which there is no count."""
    order = child_order.order
    names = [file.name for file in order.artifact.files if file.name.endswith(".onnx")]
    if order.artifact.format != "onnx" or len(names) != 1:
        reason = f"Complexity is counted from an artifact of format onnx with one .onnx file, not {names or 'none'}."
        raise EngineError(FailureKind.USER, reason)
    try:
        record = complexity.record(
            child_order.artifact_dir / names[0],
            architecture=architecture(order),
            input_shape=order.protocol.input_shape,
        )
    except DecodeError as error:
        raise EngineError(FailureKind.USER, f"{names[0]} is not an ONNX file: {error}") from error
    except ValueError as error:
        # Uncountable, or countable to nothing, which the record refuses.
        raise EngineError(FailureKind.USER, f"{names[0]} cannot be counted: {error}") from error
    storage_bytes = sum(file.size_bytes for file in order.artifact.files)
    return CountedGraph(
        engine_release=onnx.__version__ if order.engine == COUNTER else get_engine(order.engine).release(),
        record=record.model_copy(update={"storage_bytes": storage_bytes}),
    )


def architecture(order: RunOrder) -> str:
    """Decides which of the published document's two counters applies; SSLD and int8 siblings share an architecture."""
    if order.artifact.recipe is not None:
        return order.artifact.recipe.architecture
    return order.model.removesuffix("_int8").removesuffix("_ssld")
