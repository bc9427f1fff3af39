from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from runners import tools
from runners.engines.base import Converter
from runners.phone import models
from runners.phone.models import ModelFiles
from runners.supervise import AttemptFailed, Stopped
from runners.wire import Artifact, FailureKind, Protocol, ProtocolKind, RunOrder
from tests.runners.phone.attempts import make_artifact

CONVERTER = """#!{python}
# Stands where MNN's converter is not installed: copies what begins as ONNX does, and refuses everything else.
import sys, time
if "--version" in sys.argv:
    print("The device supports: i8sdot:0, fp16:0, i8mm: 0")
    print("3.6.1")
    raise SystemExit
source, target = (sys.argv[sys.argv.index(name) + 1] for name in ("--modelFile", "--MNNModel"))
content = open(source, "rb").read()
if content.startswith(b"hang"):
    time.sleep(60)
if content.startswith(b"onnx"):
    open(target, "wb").write(content)
else:
    print("[ERROR] Model file is not onnx model.")
"""

HELPED = """#!/bin/sh
# Converts, and leaves a process behind.
if [ "$1" = --version ]; then echo 3.6.1; exit; fi
/bin/sleep 600 > {held} &
echo model > model.mnn
"""


@pytest.fixture
def mnnconvert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "mnnconvert"
    program.write_text(CONVERTER.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return program


def obtain(engine: str, artifact: Artifact, folder: Path, *, should_stop: threading.Event | None = None) -> ModelFiles:
    order = RunOrder(
        run_id=7,
        attempt_id=70,
        model="MobileNetV1",
        engine=engine,
        device_fingerprint="0" * 64,
        protocol=Protocol(slug="sd855-bs1-t1", version=1, kind=ProtocolKind.LATENCY),
        artifact=artifact,
    )
    return models.obtain(
        order,
        tools.tool_of(engine),
        artifact_dir=folder,
        kept_dir=folder / "kept",
        should_stop=should_stop or threading.Event(),
    )


@pytest.mark.parametrize(
    ("engine", "format"), [("paddle-lite", "paddle-lite"), ("tflite", "tflite"), ("onnxruntime", "onnx")]
)
def test_artifact_in_the_programs_format_is_taken_as_it_is(tmp_path: Path, engine: str, format: str) -> None:
    artifact = make_artifact(tmp_path, format=format)

    files = obtain(engine, artifact, tmp_path)

    assert files == ModelFiles([tmp_path / artifact.files[0].name], [], None)


@pytest.mark.parametrize("engine", ["paddle-lite", "tflite"])
def test_artifact_that_nothing_converts_is_the_orders_fault(tmp_path: Path, engine: str) -> None:
    with pytest.raises(AttemptFailed, match=f"{engine} on a phone takes an artifact of format {engine}") as failure:
        obtain(engine, make_artifact(tmp_path, format="onnx"), tmp_path)

    assert failure.value.kind == FailureKind.USER


def test_network_is_converted_for_mnn_once(tmp_path: Path, mnnconvert: Path) -> None:
    artifact = make_artifact(tmp_path, format="onnx", content=b"onnx" * 100)

    first = obtain("mnn", artifact, tmp_path)
    mnnconvert.write_text(mnnconvert.read_text().replace('b"onnx"', 'b"never"'))
    second = obtain("mnn", artifact, tmp_path)

    assert first == second
    assert first.converter == Converter("mnnconvert", "3.6.1")
    assert [file.name for file in first.executed] == ["model.mnn"]
    assert [path.read_bytes() for path in first.paths] == [b"onnx" * 100]


@pytest.mark.usefixtures("mnnconvert")
def test_damaged_conversion_for_mnn_is_made_anew(tmp_path: Path) -> None:
    artifact = make_artifact(tmp_path, format="onnx", content=b"onnx" * 100)
    [path] = obtain("mnn", artifact, tmp_path).paths
    path.write_bytes(b"damaged")

    again = obtain("mnn", artifact, tmp_path)

    assert [path.read_bytes() for path in again.paths] == [b"onnx" * 100]


def test_what_the_converter_started_ends_with_it(tmp_path: Path, mnnconvert: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    mnnconvert.write_text(HELPED.format(held=held))
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)

    obtain("mnn", make_artifact(tmp_path, format="onnx", content=b"onnx"), tmp_path)

    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b"", "the pipe is at its end once nobody holds it"
    os.close(reader)


@pytest.mark.usefixtures("mnnconvert")
def test_network_that_mnn_does_not_take_is_the_orders_fault_with_the_converters_reason(tmp_path: Path) -> None:
    artifact = make_artifact(tmp_path, format="onnx", content=b"rubbish")

    with pytest.raises(AttemptFailed, match=r"does not convert model\.onnx: \[ERROR\] Model file is not") as failure:
        obtain("mnn", artifact, tmp_path)

    assert failure.value.kind == FailureKind.USER
    assert not list((tmp_path / "kept").rglob("model.mnn"))


@pytest.mark.usefixtures("mnnconvert")
def test_conversion_is_stopped_on_request(tmp_path: Path) -> None:
    artifact = make_artifact(tmp_path, format="onnx", content=b"hang")
    should_stop = threading.Event()
    should_stop.set()

    with pytest.raises(Stopped):
        obtain("mnn", artifact, tmp_path, should_stop=should_stop)


def test_missing_converter_is_the_hosts_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("runners.phone.mnn.sys.prefix", "/nowhere")

    with pytest.raises(AttemptFailed, match="pip install MNN") as failure:
        obtain("mnn", make_artifact(tmp_path, format="onnx"), tmp_path)

    assert failure.value.kind == FailureKind.INFRASTRUCTURE
