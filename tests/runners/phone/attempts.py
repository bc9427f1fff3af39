"""Phones as the agent has them, and orders for them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

from runners.execute import Execution
from runners.phone.adb import Adb
from runners.phone.baseline import Baselines
from runners.phone.device import Phone
from runners.phone.policy import Policy
from runners.phone.remote import Remote
from runners.phone.settings import AdbSettings, PhoneSettings, ProgramSettings
from runners.quiet import BusyHost
from runners.wire import Artifact, ArtifactFile, Progress, Protocol, ProtocolKind, RunOrder, manifest_sha256
from tests.simulated_phone import write_program

PROGRAM_OF = {
    "ncnn": "benchncnn",
    "paddle-lite": "benchmark_bin",
    "tflite": "benchmark_model",
    "mnn": "benchmark.out",
    "onnxruntime": "onnxruntime_perf_test",
}
IMPATIENT = Policy(look_every_s=0.01, longest_wait_s=1.5)
"""The limits of a lab, waited for as a test can."""
FINGERPRINT_OF_ANOTHER = "0" * 64


def make_phone(remote: Remote, folder: Path, *engines: str, policy: Policy = IMPATIENT) -> Phone:
    """A phone for which the programs of these engines are configured."""
    tools = {engine: ProgramSettings(program=write_program(folder, PROGRAM_OF[engine])) for engine in engines}
    return Phone(remote, PhoneSettings(tools=tools, policy=policy), Baselines(folder / "baselines.json"))


def make_artifact(folder: Path, *, format: str = "tflite", content: bytes = b"network" * 1000) -> Artifact:
    """One file where an agent would have it."""
    name = {"tflite": "model.tflite", "paddle-lite": "model.nb", "onnx": "model.onnx"}[format]
    (folder / name).write_bytes(content)
    files = [ArtifactFile(name=name, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))]
    return Artifact(
        sha256=manifest_sha256(format=format, precision="fp32", files=files),
        format=format,
        precision="fp32",
        weights="random",
        files=files,
    )


def make_order(
    phone: Phone,
    artifact: Artifact,
    *,
    engine: str = "tflite",
    threads: int = 1,
    processes: int = 2,
    kind: ProtocolKind = ProtocolKind.LATENCY,
    fingerprint: str | None = None,
    input_shape: tuple[int, ...] = (3, 224, 224),
) -> RunOrder:
    offer = phone.offer()
    assert offer is not None
    return RunOrder(
        run_id=7,
        attempt_id=70,
        model="MobileNetV1",
        engine=engine,
        device_fingerprint=fingerprint or offer.fingerprint,
        protocol=Protocol(
            slug=f"sd855-bs1-t{threads}",
            version=1,
            kind=kind,
            threads=threads,
            processes=processes,
            warmup=10,
            repeats=100,
            input_shape=list(input_shape),
        ),
        artifact=artifact,
    )


def attempt(
    phone: Phone,
    order: RunOrder,
    folder: Path,
    *,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    should_stop: threading.Event | None = None,
) -> Execution:
    return phone.measure(
        order,
        artifact_dir=folder,
        work_dir=folder / "work",
        kept_dir=folder / "kept",
        on_progress=on_progress,
        should_stop=should_stop or threading.Event(),
        busy_host=BusyHost.FLAG,
        images=None,
    )


def lab_settings(port: int, tools: dict[str, ProgramSettings]) -> PhoneSettings:
    return PhoneSettings(adb=AdbSettings(server_port=port), tools=tools)


def remote_of(port: int, serial: str) -> Remote:
    return Remote(Adb(port=port), serial)
