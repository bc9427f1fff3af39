"""Whether an engine executes a small network on a GPU now: that its library loads proves little."""

from __future__ import annotations

import hashlib
import tempfile
import threading
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from runners.execute import execute
from runners.quiet import BusyHost
from runners.wire import Artifact, ArtifactFile, Protocol, ProtocolKind, RunOrder, WeightsKind, manifest_sha256

FILE_NAME = "probe.onnx"
IMAGE_SHAPE = [3, 16, 16]
KERNELS = 8
REPEATS = 3


def check(engine: str, gpu_uuid: str, fingerprint: str) -> None:
    """Execute in a child process as an attempt does.

    Raises: `runners.execute.AttemptFailed` with the engine's own reason.
    """
    with tempfile.TemporaryDirectory(prefix="zooboard-probe-") as scratch:
        folder = Path(scratch)
        execute(
            _order(engine, fingerprint, _artifact(folder)),
            artifact_dir=folder,
            work_dir=folder / "work",
            on_progress=lambda _: None,
            should_stop=threading.Event(),
            busy_host=BusyHost.FLAG,
            gpu_uuid=gpu_uuid,
        )


def _network() -> bytes:
    """A convolution and an average: little to plan, and what every network of the catalogue has."""
    kernel = np.random.RandomState(0).standard_normal((KERNELS, 3, 3, 3)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["features"], name="conv"),
        helper.make_node("GlobalAveragePool", ["features"], ["average"], name="average"),
        helper.make_node("Flatten", ["average"], ["logits"], name="flatten"),
    ]
    graph = helper.make_graph(
        nodes,
        "probe",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, *IMAGE_SHAPE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, KERNELS])],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def _artifact(folder: Path) -> Artifact:
    content = _network()
    (folder / FILE_NAME).write_bytes(content)
    file = ArtifactFile(name=FILE_NAME, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
    sha256 = manifest_sha256(format="onnx", precision="fp32", files=[file])
    return Artifact(
        sha256=sha256, format="onnx", precision="fp32", weights="random", weights_kind=WeightsKind.RANDOM, files=[file]
    )


def _order(engine: str, fingerprint: str, artifact: Artifact) -> RunOrder:
    protocol = Protocol(
        slug="probe", version=1, kind=ProtocolKind.LATENCY, repeats=REPEATS, warmup=1, input_shape=IMAGE_SHAPE
    )
    return RunOrder(
        run_id=0,
        attempt_id=0,
        model="probe",
        engine=engine,
        device_fingerprint=fingerprint,
        protocol=protocol,
        artifact=artifact,
    )
