"""Small ONNX files, good and bad, and the orders that go with them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from runners.wire import Artifact, ArtifactFile, Protocol, ProtocolKind, RunOrder, manifest_sha256

INPUT_SHAPE = [3, 8, 8]
CLASSES = 4
FILE_NAME = "model.onnx"


def network(
    *,
    last_op: str = "Identity",
    domain: str = "",
    batch: int | str = "N",
    image_shape: Sequence[int] = INPUT_SHAPE,
) -> bytes:
    """Convolution, average, and one last operator on the logits: what a test wants to go wrong."""
    kernel = np.random.RandomState(1).standard_normal((CLASSES, 3, 3, 3)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["features"]),
        helper.make_node("GlobalAveragePool", ["features"], ["average"]),
        helper.make_node("Flatten", ["average"], ["flat"]),
        helper.make_node(last_op, ["flat"], ["logits"], domain=domain),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, *image_shape])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [batch, CLASSES])],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    imports = [helper.make_opsetid("", 17), *([helper.make_opsetid(domain, 1)] if domain else [])]
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=imports, ir_version=8)
    return bytes(model.SerializeToString())


def artifact(folder: Path, content: bytes, *, name: str = FILE_NAME, format: str = "onnx") -> Artifact:
    """Write the file where an agent would have it, and describe it."""
    (folder / name).write_bytes(content)
    files = [ArtifactFile(name=name, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))]
    return Artifact(
        sha256=manifest_sha256(format=format, precision="fp32", files=files),
        format=format,
        precision="fp32",
        weights="random",
        files=files,
    )


def order(
    artifact: Artifact,
    *,
    engine: str = "onnxruntime",
    kind: ProtocolKind = ProtocolKind.LATENCY,
    processes: int = 1,
    repeats: int = 5,
    min_duration_s: float = 0,
    batch_size: int = 1,
    threads: int = 1,
    attempt_id: int = 1,
) -> RunOrder:
    return RunOrder(
        run_id=1,
        attempt_id=attempt_id,
        model="Tiny",
        engine=engine,
        device_fingerprint="0" * 64,
        protocol=Protocol(
            slug="tiny",
            version=1,
            kind=kind,
            batch_size=batch_size,
            threads=threads,
            processes=processes,
            warmup=2,
            repeats=repeats,
            min_duration_s=min_duration_s,
            input_shape=INPUT_SHAPE,
        ),
        artifact=artifact,
    )
