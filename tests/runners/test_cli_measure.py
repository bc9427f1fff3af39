"""`measure`, as a process and through the function that the command calls."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from runners import protocols, record, wire
from runners.cli.measure import check_engine, check_target, measured
from runners.engines import ENGINES
from runners.engines.base import EngineUnavailable
from runners.supervise import AttemptFailed
from runners.zoo import catalogue
from runners.zoo.refused import RefusedFileError
from tests.runners.accuracy.test_evaluate import SmallMemory
from tests.runners.engines import as_gpu, networks

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "fixtures" / "wire" / "submission_request.json"
MODEL = "MobileNetV3_small_x0_35"
SHORT = protocols.find("cpu-fp32-bs1").model_copy(
    update={"processes": 3, "warmup": 1, "repeats": 3, "min_duration_s": 0.0}
)
WITHIN_S = 90.0


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "runners", *arguments]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def test_model_is_measured_as_an_agent_measures_it() -> None:
    made = measured(MODEL, SHORT, engine="onnxruntime")

    assert isinstance(made.record, wire.LatencyRecord)
    assert [len(process.wall_ns) for process in made.record.processes] == [3, 3, 3]
    assert made.artifact == catalogue.artifact(MODEL)
    assert made.device_fingerprint == made.device.fingerprint
    assert made.engine_release in {engine.release for engine in made.device.engines}


def test_file_is_measured_under_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "my net.onnx"
    catalogue.write(MODEL, seed=3, path=path)

    made = measured(str(path), SHORT, engine="onnxruntime")

    assert made.model == "my-net"
    assert made.artifact.recipe is None
    assert made.artifact.weights == "random (seed unknown), as in my net.onnx"


def test_ssld_sibling_is_measured_by_the_shared_architecture(capsys: pytest.CaptureFixture[str]) -> None:
    made = measured("MobileNetV3_small_x1_0_ssld", protocols.find("complexity-224"), engine="onnx")

    assert made.artifact == catalogue.artifact("MobileNetV3_small_x1_0")
    assert made.model == "MobileNetV3_small_x1_0_ssld"


def test_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"no network")

    with pytest.raises(RefusedFileError, match=r"broken\.onnx is refused"):
        measured(str(path), SHORT, engine="onnxruntime")


def test_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")

    with pytest.raises(RefusedFileError, match=r"pipe\.onnx cannot be inspected: it is no regular file"):
        measured(str(tmp_path / "pipe.onnx"), SHORT, engine="onnxruntime")


def test_target_that_cannot_be_written_is_known_before(tmp_path: Path) -> None:
    check_target(tmp_path / "record.json.gz")
    check_target(None)

    for target in (tmp_path / "gone" / "record.json.gz", tmp_path):
        with pytest.raises(record.RecordError, match="Choose another file with --out"):
            check_target(target)


def test_network_that_gives_nan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nan.onnx"
    path.write_bytes(networks.network(last_op="Log"))

    with pytest.raises(AttemptFailed, match="NaN or infinite") as failure:
        measured(str(path), SHORT, engine="onnxruntime")

    assert failure.value.kind == wire.FailureKind.ENGINE


def test_batch_that_does_not_fit_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.onnx"
    path.write_bytes(networks.network(image_shape=[3, 1024, 1024]))
    monkeypatch.setattr(psutil, "virtual_memory", SmallMemory)

    with pytest.raises(AttemptFailed, match="needs more memory than the process may have") as failure:
        measured(str(path), SHORT.model_copy(update={"batch_size": 64}), engine="onnxruntime")

    assert failure.value.kind == wire.FailureKind.DEVICE


def test_json_is_one_object_on_stdout_and_the_record_is_what_it_names(tmp_path: Path) -> None:
    done = run("measure", MODEL, "--protocol", "complexity-224", "--json", cwd=tmp_path)

    said = json.loads(done.stdout)
    made, _ = record.read(tmp_path / said["record"])
    assert (said["model"], said["submission_id"]) == (MODEL, made.submission_id)
    assert said["record"].startswith(f"{MODEL}.complexity-224.onnx.")
    assert "count 1/1" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["MobileNetV9"], "Did you mean"),
        (["missing.onnx"], "There is no file missing.onnx"),
        ([MODEL, "--protocol", "cpu-fp32-bs2"], "Did you mean cpu-fp32-bs"),
        ([MODEL, "--engine", "abacus"], "no engine 'abacus'"),
        ([MODEL, "--out", "gone/record.json.gz"], "gone/record.json.gz cannot be written: there is no such folder"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_1(tmp_path: Path, arguments: list[str], says: str) -> None:
    done = run("measure", *arguments, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)}
    process = subprocess.Popen(
        command("measure", MODEL), cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    process.stderr.readline()

    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=WITHIN_S)

    assert process.returncode == 130
    assert "Stopped; nothing was kept." in said
    assert [path.name for path in tmp_path.iterdir()] == ["scratch"]
    assert list(scratch.glob("zooboard-*")) == []


@pytest.mark.parametrize(
    ("engine", "says"),
    [
        (
            "trtexec",
            r"trtexec executes on a gpu\. .*zooboard-runner enroll.* `doctor` says here: not found: it comes with",
        ),
        ("tflite", r"tflite executes on a phone\. .* `doctor` says here: needs benchmark_model"),
        ("onnxruntime-cuda", "has no CUDAExecutionProvider"),
    ],
)
def test_engine_of_other_hardware_is_refused_with_what_doctor_says_of_it(
    engine: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOOBOARD_RUNNER_STATE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(EngineUnavailable, match=says):
        check_engine(engine)


def test_engine_that_executes_on_a_gpu_here_is_not_measured_as_this_machines_cpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ENGINES, as_gpu.NAME, as_gpu.PLACE)

    with pytest.raises(EngineUnavailable, match=f"{as_gpu.NAME} executes on a gpu. `measure` is about this machine's"):
        check_engine(as_gpu.NAME)
