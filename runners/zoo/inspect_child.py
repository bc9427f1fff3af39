"""The child process of `runners.zoo.inspect`: one order from stdin, one JSON object on stdout."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import onnx
from onnx import TensorProto
from pydantic import ValidationError

from runners import confine
from runners.zoo import catalogue, complexity, onnx_check, pdparams, provenance, stages
from runners.zoo.inspect import (
    CPU_TIME_S,
    LARGEST_FILE_BYTES,
    MEMORY_BYTES,
    ExternalFile,
    InspectedNetwork,
    InspectedWeights,
    Value,
)
from runners.zoo.refused import RefusedFileError

DEFAULT_SIDE = 224


def main() -> int:
    """Exit code 1 for a file that is refused."""
    order = json.loads(sys.stdin.buffer.readline())
    confine.die_with_parent(sys.stdin.fileno(), order["parent_pid"])
    confine.limit(memory_bytes=MEMORY_BYTES, cpu_time_s=CPU_TIME_S)
    try:
        answer = described(Path(order["path"]), order["input_shape"]).model_dump_json()
    except (RefusedFileError, pdparams.UnreadableWeightsError) as error:
        answer = json.dumps({"refused": str(error)})
    except MemoryError:
        answer = json.dumps({"refused": f"It needs more than {MEMORY_BYTES // 1024**2} MiB of memory to be read."})
    except ValidationError:
        # Bytes that are no UTF-8 come out of the parser as text that nobody can write down.
        answer = json.dumps({"refused": "Its names are no valid text."})
    except RecursionError:
        answer = json.dumps({"refused": "It is nested too deeply."})
    except OSError as error:
        answer = json.dumps({"refused": f"It cannot be read: {error.strerror or error}."})
    print(answer, flush=True)
    return 0 if "refused" not in answer[:10] else 1


def described(path: Path, input_shape: list[int] | None) -> InspectedNetwork | InspectedWeights:
    """Raises: `RefusedFileError`, `runners.zoo.pdparams.UnreadableWeightsError`, `OSError`."""
    return _weights(path) if path.suffix.lower() == ".pdparams" else _network(path, input_shape)


def _weights(path: Path) -> InspectedWeights:
    arrays = pdparams.read(path)
    shapes = {name: array.shape for name, array in arrays.items()}
    return InspectedWeights(
        **_file(path),
        tensors=len(arrays),
        values=sum(array.size for array in arrays.values()),
        architectures=[name for name in catalogue.ARCHITECTURES if _parameter_shapes(name) == shapes],
    )


def _parameter_shapes(architecture: str) -> dict[str, tuple[int, ...]]:
    return {tensor.name: tuple(tensor.dims) for tensor in catalogue.outline(architecture).graph.initializer}


def _network(path: Path, input_shape: list[int] | None) -> InspectedNetwork:
    model = onnx_check.parse(path.read_bytes())
    files = onnx_check.check(model, path)
    if path.stat().st_size + sum(file.stat().st_size for file in files) > LARGEST_FILE_BYTES:
        raise RefusedFileError(f"With its external data it has more than {LARGEST_FILE_BYTES} bytes.")
    inferred = onnx_check.infer(model).graph
    image, logits = onnx_check.image_input(inferred), onnx_check.logits_output(inferred)
    layout = _layout(image)
    shape = _image_shape(image, layout, input_shape)
    classes = onnx_check.dims(logits)[1]
    return InspectedNetwork(
        **_file(path),
        precision=_precision(model),
        opset=max(entry.version for entry in model.opset_import if entry.domain in onnx_check.DOMAINS),
        ir_version=model.ir_version,
        producer=f"{model.producer_name} {model.producer_version}".strip(),
        weights=provenance.weights_of(model),
        weights_kind=provenance.kind_of(model),
        inputs=[_value(image)],
        outputs=[_value(logits)],
        layout=layout,
        input_shape=shape,
        classes=classes if isinstance(classes, int) else None,
        operators=dict(sorted(Counter(node.op_type for node in model.graph.node).items())),
        external_files=[ExternalFile(**_file(file, as_name="name")) for file in files],
        **_counts(model, shape),
    )


def _counts(model: onnx.ModelProto, shape: list[int]) -> dict[str, Any]:
    names = ("params", "macs", "flops_paddle", "params_paddle")
    row = catalogue.ARCHITECTURES.get(model.graph.name)
    try:
        counted = complexity.count(
            model, divides_groups_twice=row is not None and row.divides_groups_twice, input_shape=shape
        )
    except complexity.UncountableModelError as error:
        return {**dict.fromkeys(names), "stages": [], "uncountable": str(error)[:300]}
    by_size = [asdict(stage) for stage in stages.stages(model, input_shape=shape)]
    return {**{name: getattr(counted, name) for name in names}, "stages": by_size, "uncountable": None}


def _layout(image: onnx.ValueInfoProto) -> Literal["NCHW", "NHWC"]:
    """Channels first unless only the last dimension can be the channels."""
    second, last = (onnx_check.dims(image)[index] for index in (1, 3))
    is_last = last in onnx_check.CHANNELS and second not in onnx_check.CHANNELS
    return "NHWC" if is_last else "NCHW"


def _image_shape(image: onnx.ValueInfoProto, layout: str, wanted: list[int] | None) -> list[int]:
    default = [3, DEFAULT_SIDE, DEFAULT_SIDE] if layout == "NCHW" else [DEFAULT_SIDE, DEFAULT_SIDE, 3]
    sizes = zip(onnx_check.dims(image)[1:], wanted or default, strict=True)
    shape = [stated if isinstance(stated, int) else size for stated, size in sizes]
    if wanted is not None and shape != wanted:
        raise RefusedFileError(f"It takes images of {shape}, not of {wanted}.")
    return shape


def _precision(model: onnx.ModelProto) -> Literal["fp32", "fp16", "int8"]:
    if any(node.op_type in ("QuantizeLinear", "DequantizeLinear") for node in model.graph.node):
        return "int8"
    elements: Counter[int] = Counter()
    for tensor in model.graph.initializer:
        elements[tensor.data_type] += math.prod(tensor.dims)
    return "fp16" if elements[TensorProto.FLOAT16] > elements[TensorProto.FLOAT] else "fp32"


def _value(value: onnx.ValueInfoProto) -> Value:
    return Value(
        name=value.name, dtype=onnx_check.dtype(value.type.tensor_type.elem_type), shape=onnx_check.dims(value)
    )


def _file(path: Path, *, as_name: str = "file") -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {as_name: path.name, "sha256": digest, "size_bytes": path.stat().st_size}


if __name__ == "__main__":
    sys.exit(main())
