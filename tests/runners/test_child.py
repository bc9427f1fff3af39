"""The child process itself, started for real: how it answers, how it ends, and with whom."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runners import child
from runners.engines.base import EngineError, EngineUnavailable
from runners.orders import ERROR_EXIT_CODE, ChildError, ChildOrder, MeasuredProcess, order_sha256
from runners.wire import FailureKind, ProtocolKind, RunOrder
from tests.runners.engines import networks

Start = Callable[[ChildOrder], "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts children on an order line, their stdin left open, and sees that none outlives the test."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(child_order: ChildOrder) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", "runners.child"], stdin=subprocess.PIPE)
        processes.append(process)
        assert process.stdin is not None
        process.stdin.write(child_order.model_dump_json().encode() + b"\n")
        process.stdin.flush()
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()


def child_order(order: RunOrder, folder: Path, *, parent_pid: int | None = None) -> ChildOrder:
    return ChildOrder(
        order=order,
        artifact_dir=folder,
        seed=0,
        cpus=[max(os.sched_getaffinity(0))] if sys.platform == "linux" else [],
        answer_path=folder / "answer.json",
        error_path=folder / "error.json",
        parent_pid=os.getpid() if parent_pid is None else parent_pid,
    )


def test_child_writes_every_sample_and_the_facts_around_them(start: Start, tmp_path: Path) -> None:
    order = networks.order(networks.artifact(tmp_path, networks.network()), repeats=7)
    asked = child_order(order, tmp_path)

    returncode = start(asked).wait(timeout=60)

    measured = MeasuredProcess.model_validate_json(asked.answer_path.read_bytes())
    samples = measured.samples
    assert returncode == 0
    assert (len(samples.warmup_wall_ns), len(samples.wall_ns), len(samples.cpu_ns)) == (2, 7, 7)
    assert samples.load_ns > 0
    assert samples.first_ns > 0
    assert measured.order_sha256 == order_sha256(order)
    assert samples.facts["is_output_stable"] is True
    assert samples.facts["peak_memory_bytes"] > 10_000_000
    assert samples.facts["threads"] == 1
    assert {"load_average", "frequency_mhz", "temperature_c"} == set(samples.facts["before"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can pin")
def test_child_is_pinned_to_the_cpus_it_is_told(start: Start, tmp_path: Path) -> None:
    asked = child_order(networks.order(networks.artifact(tmp_path, networks.network())), tmp_path)

    start(asked).wait(timeout=60)

    facts = MeasuredProcess.model_validate_json(asked.answer_path.read_bytes()).samples.facts
    assert facts["pinning"] == "pinned"
    assert facts["cpus"] == facts["allowed_cpus"] == asked.cpus


def test_child_answers_an_error_with_its_kind_and_its_own_exit_code(start: Start, tmp_path: Path) -> None:
    asked = child_order(networks.order(networks.artifact(tmp_path, b"not a network")), tmp_path)

    returncode = start(asked).wait(timeout=60)

    error = ChildError.model_validate_json(asked.error_path.read_bytes())
    assert returncode == ERROR_EXIT_CODE
    assert error.kind == FailureKind.USER
    assert "model.onnx" in error.reason
    assert not asked.answer_path.exists()


def test_child_ends_when_its_stdin_ends(start: Start, tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network())
    process = start(child_order(networks.order(artifact, engine="stub", min_duration_s=60), tmp_path))
    assert process.stdin is not None

    process.stdin.close()

    assert process.wait(timeout=20) == 1
    assert not (tmp_path / "answer.json").exists()


def test_child_whose_parent_is_gone_does_not_begin(start: Start, tmp_path: Path) -> None:
    order = networks.order(networks.artifact(tmp_path, networks.network()))

    process = start(child_order(order, tmp_path, parent_pid=os.getpid() + 1))

    assert process.wait(timeout=20) == 1
    assert not (tmp_path / "answer.json").exists()


@pytest.mark.parametrize(
    ("error", "kind", "expected"),
    [
        (EngineError(FailureKind.ENGINE, "NaN"), ProtocolKind.LATENCY, FailureKind.ENGINE),
        (EngineUnavailable("no library"), ProtocolKind.LATENCY, FailureKind.INFRASTRUCTURE),
        (OSError(28, "No space left on device"), ProtocolKind.LATENCY, FailureKind.INFRASTRUCTURE),
        (MemoryError(), ProtocolKind.LATENCY, FailureKind.DEVICE),
        (MemoryError(), ProtocolKind.COMPLEXITY, FailureKind.USER),
        (KeyError("logits"), ProtocolKind.LATENCY, FailureKind.ENGINE),
    ],
)
def test_every_error_is_somebodys_fault(error: Exception, kind: ProtocolKind, expected: FailureKind) -> None:
    answer = child.as_child_error(error, kind)

    assert answer.kind == expected
    assert answer.reason


def test_answer_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"

    child.write(path, ChildError(kind=FailureKind.USER, reason="because"))

    assert ChildError.model_validate_json(path.read_bytes()).reason == "because"
    assert list(tmp_path.iterdir()) == [path]
