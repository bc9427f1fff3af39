"""Whole attempts with real engines in real processes, and every way in which they end."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TypeVar

import onnxruntime
import psutil
import pytest

from runners import execute as execute_module
from runners.execute import AttemptFailed, Execution, Stopped, child_timeout_s, execute, pinned_cpus
from runners.wire import ComplexityRecord, FailureKind, LatencyRecord, Progress, ProtocolKind, RunOrder
from runners.zoo import catalogue
from tests.runners.engines import networks

T = TypeVar("T")

LONG_S = 60


def run(
    order: RunOrder,
    folder: Path,
    *,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    should_stop: threading.Event | None = None,
) -> Execution:
    return execute(
        order,
        artifact_dir=folder,
        work_dir=folder / "work",
        on_progress=on_progress,
        should_stop=should_stop or threading.Event(),
    )


def eventually(look: Callable[[], T | None], *, timeout_s: float = 20) -> T:
    """Poll until `look` finds something."""
    ends_at_s = time.monotonic() + timeout_s
    while time.monotonic() < ends_at_s:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"Nothing was found in {timeout_s} s.")


def measuring_child(of_pid: int) -> psutil.Process | None:
    """The child process that has an order: only then has it set its affinity, its limits and its lifeline."""
    for each in psutil.Process(of_pid).children(recursive=True):
        try:
            if "runners.child" in each.cmdline() and each.num_threads() > 1 and each.cpu_times().user > 0.3:
                return each
        except psutil.Error:
            continue
    return None


class InThread(threading.Thread):
    """An attempt that the test can disturb while it runs."""

    def __init__(self, order: RunOrder, folder: Path) -> None:
        super().__init__()
        self.should_stop = threading.Event()
        self.outcome: object = None
        self._order, self._folder = order, folder
        self.start()

    def run(self) -> None:
        try:
            self.outcome = run(self._order, self._folder, should_stop=self.should_stop)
        except (AttemptFailed, Stopped) as outcome:
            self.outcome = outcome


def test_latency_attempt_keeps_every_sample_of_every_process(tmp_path: Path) -> None:
    order = networks.order(networks.artifact(tmp_path, networks.network()), processes=2, repeats=20)
    progress: list[Progress] = []

    execution = run(order, tmp_path, on_progress=progress.append)

    record = execution.record
    assert isinstance(record, LatencyRecord)
    assert [len(each.wall_ns) for each in record.processes] == [20, 20]
    assert record.stated_median_ns == statistics.median(chain.from_iterable(each.wall_ns for each in record.processes))
    assert progress == [Progress(phase="process", done=done, total=2) for done in (1, 2)]
    assert execution.engine_release == onnxruntime.__version__
    assert execution.started_at <= record.processes[0].started_at <= execution.finished_at


def test_environment_says_where_and_how_it_was_measured(tmp_path: Path) -> None:
    environment = run(networks.order(networks.artifact(tmp_path, networks.network())), tmp_path).environment

    assert environment["cpus"] == pinned_cpus(1, is_simulated=False)
    assert environment["pinning"]
    assert environment["threads"] == 1
    assert environment["busy_host_policy"] == "flag"
    assert environment["is_output_stable"] is True
    assert environment["packages"]["onnxruntime"] == onnxruntime.__version__
    assert environment["cpu"]["brand"] is not None


def test_converted_artifact_is_named_with_what_was_loaded_and_what_made_it(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network())

    converted = run(networks.order(artifact, engine="ncnn", processes=2), tmp_path)
    loaded_as_it_is = run(networks.order(artifact), tmp_path)

    assert isinstance(converted.record, LatencyRecord)
    assert isinstance(loaded_as_it_is.record, LatencyRecord)
    assert [file.name for file in converted.record.executed_files] == ["model.ncnn.bin", "model.ncnn.param"]
    assert converted.environment["converter"]["name"] == "pnnx"
    assert converted.environment["is_output_stable"] is True
    assert loaded_as_it_is.record.executed_files == []
    assert loaded_as_it_is.environment["converter"] is None


def test_batch_that_an_engine_cannot_execute_is_the_users_fault(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network())

    with pytest.raises(AttemptFailed, match="one image at a time") as failure:
        run(networks.order(artifact, engine="ncnn", batch_size=4), tmp_path)

    assert failure.value.kind == FailureKind.USER


def test_output_hash_tells_networks_apart(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "same", "other")]
    contents = [networks.network(), networks.network(), networks.network(last_op="Relu")]
    hashes = []
    for folder, content in zip(folders, contents, strict=True):
        folder.mkdir()
        record = run(networks.order(networks.artifact(folder, content)), folder).record
        assert isinstance(record, LatencyRecord)
        hashes.append(record.output_sha256)

    assert hashes[0] == hashes[1] != hashes[2]


def test_complexity_is_counted_as_the_zoo_counts_it(tmp_path: Path) -> None:
    content = catalogue.serialize(catalogue.build("MobileNetV3_small_x0_35"))
    order = networks.order(networks.artifact(tmp_path, content), engine="onnx", kind=ProtocolKind.COMPLEXITY)
    order = order.model_copy(
        update={
            "model": "MobileNetV3_small_x0_35",
            "protocol": order.protocol.model_copy(update={"input_shape": [3, 224, 224]}),
        }
    )

    record = run(order, tmp_path).record

    assert isinstance(record, ComplexityRecord)
    assert round(record.macs / 1e6, 2) == 13.16
    assert round(record.params / 1e6, 3) == 1.666
    assert record.storage_bytes == len(content)


@pytest.mark.parametrize("engine", ["onnxruntime", "onnx"])
def test_broken_file_is_the_users_fault_and_says_which(tmp_path: Path, engine: str) -> None:
    kind = ProtocolKind.COMPLEXITY if engine == "onnx" else ProtocolKind.LATENCY
    order = networks.order(networks.artifact(tmp_path, b"\xff\xffbroken"), engine=engine, kind=kind)

    with pytest.raises(AttemptFailed, match=r"model\.onnx") as failure:
        run(order, tmp_path)

    assert failure.value.kind == FailureKind.USER


def test_complexity_by_an_engine_that_executes_is_refused(tmp_path: Path) -> None:
    order = networks.order(networks.artifact(tmp_path, networks.network()), kind=ProtocolKind.COMPLEXITY)

    with pytest.raises(AttemptFailed, match="counted by engine 'onnx'") as failure:
        run(order, tmp_path)

    assert failure.value.kind == FailureKind.USER


def test_simulated_device_counts_complexity_too(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network())

    execution = run(networks.order(artifact, engine="stub", kind=ProtocolKind.COMPLEXITY), tmp_path)

    assert isinstance(execution.record, ComplexityRecord)
    assert execution.record.macs == 3 * 3 * 3 * networks.CLASSES * 6 * 6


@pytest.mark.parametrize("engine", ["ncnn", "onnxruntime", "openvino"])
def test_unsupported_operator_is_the_users_fault(tmp_path: Path, engine: str) -> None:
    artifact = networks.artifact(tmp_path, networks.network(last_op="NoSuchOp", domain="nobody"))

    with pytest.raises(AttemptFailed, match="NoSuchOp") as failure:
        run(networks.order(artifact, engine=engine), tmp_path)

    assert failure.value.kind == FailureKind.USER


@pytest.mark.parametrize(("engine", "batch_size"), [("ncnn", 1), ("onnxruntime", 8), ("openvino", 8)])
def test_network_that_gives_nan_is_an_engine_failure(tmp_path: Path, engine: str, batch_size: int) -> None:
    artifact = networks.artifact(tmp_path, networks.network(last_op="Log"))

    with pytest.raises(AttemptFailed, match="logits are NaN or infinite") as failure:
        run(networks.order(artifact, engine=engine, batch_size=batch_size), tmp_path)

    assert failure.value.kind == FailureKind.ENGINE


def test_engine_this_agent_lacks_is_an_infrastructure_failure(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network())

    with pytest.raises(AttemptFailed, match="no engine 'abacus'") as failure:
        run(networks.order(artifact, engine="abacus"), tmp_path)

    assert failure.value.kind == FailureKind.INFRASTRUCTURE


@pytest.mark.parametrize(
    ("sent", "kind"),
    [(signal.SIGKILL, FailureKind.DEVICE), (signal.SIGSEGV, FailureKind.ENGINE)],
)
def test_child_that_dies_is_reported_with_its_signal(tmp_path: Path, sent: signal.Signals, kind: FailureKind) -> None:
    artifact = networks.artifact(tmp_path, networks.network())
    attempt = InThread(networks.order(artifact, engine="stub", min_duration_s=LONG_S), tmp_path)

    eventually(lambda: measuring_child(os.getpid())).send_signal(sent)
    attempt.join(timeout=10)

    assert isinstance(attempt.outcome, AttemptFailed)
    assert attempt.outcome.kind == kind
    assert sent.name in attempt.outcome.reason


def test_stop_ends_the_child_at_once(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network())
    attempt = InThread(networks.order(artifact, engine="stub", min_duration_s=LONG_S), tmp_path)
    child = eventually(lambda: measuring_child(os.getpid()))
    started_at_s = time.monotonic()

    attempt.should_stop.set()
    attempt.join(timeout=10)

    assert isinstance(attempt.outcome, Stopped)
    assert time.monotonic() - started_at_s < 5
    assert not child.is_running()


def test_child_is_gone_after_its_parent_was_killed(tmp_path: Path) -> None:
    order = networks.order(networks.artifact(tmp_path, networks.network()), engine="stub", min_duration_s=LONG_S)
    code = (
        "import sys, threading, pathlib; from runners.execute import execute; from runners.wire import RunOrder;"
        "execute(RunOrder.model_validate_json(sys.argv[1]), artifact_dir=pathlib.Path(sys.argv[2]),"
        "work_dir=pathlib.Path(sys.argv[2]), on_progress=print, should_stop=threading.Event())"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, order.model_dump_json(), str(tmp_path)])
    child = eventually(lambda: measuring_child(parent.pid))

    parent.kill()
    parent.wait()

    eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, timeout_s=5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows another process's environment")
def test_child_inherits_no_secret_from_the_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOOBOARD_TOKEN", "zba_1_secret")
    artifact = networks.artifact(tmp_path, networks.network())
    attempt = InThread(networks.order(artifact, engine="stub", min_duration_s=LONG_S), tmp_path)

    environment = eventually(lambda: measuring_child(os.getpid())).environ()
    attempt.should_stop.set()
    attempt.join(timeout=10)

    assert "zba_1_secret" not in environment.values()
    assert "PATH" in environment


def test_second_call_takes_over_the_processes_that_had_finished(tmp_path: Path) -> None:
    order = networks.order(networks.artifact(tmp_path, networks.network()), engine="stub", processes=2)
    should_stop = threading.Event()
    with pytest.raises(Stopped):
        run(order, tmp_path, on_progress=lambda progress: should_stop.set(), should_stop=should_stop)
    kept = (tmp_path / "work" / "process-1.json").read_bytes()

    execution = run(order, tmp_path)

    assert isinstance(execution.record, LatencyRecord)
    assert (tmp_path / "work" / "process-1.json").read_bytes() == kept
    assert len(execution.record.processes) == 2
    assert execution.started_at == execution.record.processes[0].started_at


def test_samples_of_another_order_are_not_taken_over(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network())
    earlier = run(networks.order(artifact, engine="stub", attempt_id=1), tmp_path)

    later = run(networks.order(artifact, engine="stub", attempt_id=2), tmp_path)

    assert later.started_at > earlier.finished_at
    assert isinstance(earlier.record, LatencyRecord)
    assert isinstance(later.record, LatencyRecord)
    assert later.record.processes[0].started_at > earlier.finished_at


def test_half_written_samples_are_measured_again(tmp_path: Path) -> None:
    order = networks.order(networks.artifact(tmp_path, networks.network()), engine="stub")
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "process-1.json").write_text('{"order_sha256": "')

    assert isinstance(run(order, tmp_path).record, LatencyRecord)


def test_child_that_takes_too_long_is_a_device_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute_module, "child_timeout_s", lambda protocol: 1.0)
    artifact = networks.artifact(tmp_path, networks.network())

    with pytest.raises(AttemptFailed, match="time limit of 1 s") as failure:
        run(networks.order(artifact, engine="stub", min_duration_s=LONG_S), tmp_path)

    assert failure.value.kind == FailureKind.DEVICE


def test_unwritable_work_folder_is_an_infrastructure_failure(tmp_path: Path) -> None:
    order = networks.order(networks.artifact(tmp_path, networks.network()))
    (tmp_path / "work").write_text("a file in the folder's place")

    with pytest.raises(AttemptFailed, match="work folder") as failure:
        run(order, tmp_path)

    assert failure.value.kind == FailureKind.INFRASTRUCTURE


def test_time_limit_grows_with_the_protocol_and_stays_bounded(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network())
    limits_s = [
        child_timeout_s(networks.order(artifact, repeats=repeats, min_duration_s=duration_s).protocol)
        for repeats, duration_s in [(5, 0), (50, 0), (50, 60), (100_000, 600)]
    ]

    assert limits_s == sorted(limits_s)
    assert len(set(limits_s)) == 4
    assert limits_s[-1] == 4 * 3600


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can pin")
def test_threads_are_pinned_to_the_last_cpus_and_never_more_than_there_are() -> None:
    usable = sorted(os.sched_getaffinity(0))
    too_many = len(usable) + 1

    assert pinned_cpus(1, is_simulated=False) == usable[-1:]
    assert pinned_cpus(len(usable), is_simulated=False) == usable
    assert pinned_cpus(too_many, is_simulated=True) == usable
    with pytest.raises(AttemptFailed, match=f"asks for {too_many} threads") as failure:
        pinned_cpus(too_many, is_simulated=False)
    assert failure.value.kind == FailureKind.USER
