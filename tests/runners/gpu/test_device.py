"""A GPU as a device, with the CPU's engine in place of a GPU's: its children, its trtexec and its end are real ones."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from runners.execute import AttemptFailed, Execution, Stopped
from runners.gpu.busy import wait_until_free
from runners.gpu.device import Gpu
from runners.gpu.nvml import Nvml
from runners.gpu.settings import GpuSettings, TrtexecSettings
from runners.quiet import BusyHost
from runners.wire import FailureKind, LatencyRecord, ProtocolKind, RunOrder
from tests.runners.engines import networks
from tests.runners.gpu.library import POWER_CAP, T4_UUID, Card, Library
from tests.runners.tools.printed import OUTPUTS

ENGINE = "onnxruntime"
CUT_OFF = "[03/01/2026-10:00:00] [I] === Performance summary ==="


def gpu(card: Card | None = None, *, trtexec: Path | None = None, engines: tuple[str, ...] = (ENGINE,)) -> Gpu:
    nvml = Nvml(Library(card or Card()))
    settings = GpuSettings(trtexec=TrtexecSettings(program=trtexec or Path("/nowhere/trtexec")))
    return Gpu(nvml, nvml.facts(T4_UUID), settings, index=0, engines=engines)


def program(folder: Path, *, ending: str = f"cat {OUTPUTS / 'trtexec.txt'}") -> Path:
    """A program that says what trtexec does, tells which GPU it saw, and writes trtexec's times."""
    path = folder / "trtexec"
    times = OUTPUTS / "trtexec_times.json"
    path.write_text(
        "#!/bin/sh\n"
        f'[ "$1" = --help ] && exec cat {OUTPUTS / "trtexec.txt"}\n'
        f'for word in "$@"; do case "$word" in --exportTimes=*) cp {times} "${{word#*=}}";; esac; done\n'
        f'echo "$CUDA_VISIBLE_DEVICES $*" > {folder}/seen\n'
        f"{ending}\n"
    )
    path.chmod(0o755)
    return path


def measure(device: Gpu, order: RunOrder, folder: Path, **how: Any) -> Execution:
    defaults: dict[str, Any] = {"should_stop": threading.Event(), "busy_host": BusyHost.FLAG}
    return device.measure(
        order,
        artifact_dir=folder,
        work_dir=folder / "work",
        kept_dir=folder,
        on_progress=lambda progress: None,
        images=None,
        **(defaults | how),
    )


def order(folder: Path, engine: str = ENGINE, **how: Any) -> RunOrder:
    return networks.order(networks.artifact(folder, networks.network()), engine=engine, **how)


def test_engine_that_executes_is_offered_with_the_facts_of_the_gpu() -> None:
    offer = gpu().offer()

    assert offer is not None
    assert (offer.category, offer.kind_name) == ("gpu", "Tesla T4")
    assert [engine.name for engine in offer.engines] == [ENGINE]
    assert offer.facts["compute_capability"] == "7.5"


def test_gpu_on_which_nothing_works_offers_nothing_and_says_why() -> None:
    device = gpu(engines=("onnxruntime-cuda", "onnxruntime-tensorrt"))

    offer, findings = device.offer(), list(device.findings())

    assert offer is None
    assert [finding.is_ok for finding in findings] == [False] * 4
    assert "has no CUDAExecutionProvider" in findings[1].text
    assert "gpu.toml" in findings[3].text


def test_lost_gpu_offers_nothing_and_fails_its_self_check() -> None:
    card = Card()
    device = gpu(card)
    card.is_lost = True

    is_well, text = device.self_check()

    assert device.offer() is None
    assert not is_well
    assert "nvidia-smi --gpu-reset" in text


def test_gpu_with_broken_memory_is_not_well() -> None:
    assert gpu(Card(uncorrected=3)).self_check() == (
        False,
        "Its memory had 3 errors that could not be corrected. Restart the host, or replace it.",
    )


def test_attempt_has_the_gpus_state_beside_the_samples_of_its_processes(tmp_path: Path) -> None:
    card = Card(reasons=POWER_CAP, processes=1)

    execution = measure(gpu(card), order(tmp_path), tmp_path)

    assert isinstance(execution.record, LatencyRecord)
    [process] = execution.record.processes
    assert process.facts["gpu"]["after"]["temperature_c"] == 46
    assert execution.environment["gpu"]["other_processes"] == 1
    assert execution.environment["gpu"]["name"] == "Tesla T4"


def test_anything_but_latency_is_not_the_gpus_business(tmp_path: Path) -> None:
    with pytest.raises(AttemptFailed, match="measures latency") as failure:
        measure(gpu(), order(tmp_path, kind=ProtocolKind.COMPLEXITY), tmp_path)

    assert failure.value.kind == FailureKind.USER


def test_trtexec_is_offered_by_its_own_release_and_gives_every_sample(tmp_path: Path) -> None:
    device = gpu(trtexec=program(tmp_path), engines=())
    offer = device.offer()

    execution = measure(device, order(tmp_path, "trtexec", processes=2), tmp_path)

    assert offer is not None
    assert [(engine.name, engine.release) for engine in offer.engines] == [("trtexec", "10.14.1")]
    assert isinstance(execution.record, LatencyRecord)
    assert [len(each.wall_ns) for each in execution.record.processes] == [20, 20]
    assert execution.record.processes[0].device_ns[0] == 1_075_420
    assert execution.engine_release == "10.14.1"
    seen = (tmp_path / "seen").read_text()
    assert seen.startswith(f"{T4_UUID} --onnx={tmp_path}/model.onnx --shapes=x:1x3x8x8")


@pytest.mark.parametrize(
    ("ending", "kind", "reason"),
    [
        ("echo 'no such layer'; exit 1", FailureKind.ENGINE, "ended with 1. Its last output: no such layer"),
        ("echo 'CUDA error: out of memory'; exit 1", FailureKind.DEVICE, "out of memory"),
        (f"echo '{CUT_OFF}'", FailureKind.ENGINE, "trtexec: "),
    ],
)
def test_trtexec_that_fails_says_why(tmp_path: Path, ending: str, kind: FailureKind, reason: str) -> None:
    device = gpu(trtexec=program(tmp_path, ending=ending), engines=())

    with pytest.raises(AttemptFailed, match=reason) as failure:
        measure(device, order(tmp_path, "trtexec"), tmp_path)

    assert failure.value.kind == kind


def test_trtexec_is_ended_when_the_attempt_is_stopped(tmp_path: Path) -> None:
    should_stop = threading.Event()
    should_stop.set()
    device = gpu(trtexec=program(tmp_path, ending="exec sleep 60"), engines=())

    with pytest.raises(Stopped):
        measure(device, order(tmp_path, "trtexec"), tmp_path, should_stop=should_stop)


def test_trtexec_takes_no_int8_from_a_network_in_fp32(tmp_path: Path) -> None:
    asked = order(tmp_path, "trtexec")
    asked = asked.model_copy(update={"protocol": asked.protocol.model_copy(update={"precision": "int8"})})

    with pytest.raises(AttemptFailed, match="asks for int8, and the artifact is fp32"):
        measure(gpu(trtexec=program(tmp_path), engines=()), asked, tmp_path)


def test_program_that_is_no_trtexec_is_not_offered(tmp_path: Path) -> None:
    other = tmp_path / "trtexec"
    other.write_text("#!/bin/sh\necho hello\n")
    other.chmod(0o755)
    device = gpu(trtexec=other, engines=())

    assert device.offer() is None
    assert "does not name its TensorRT; it said: hello" in list(device.findings())[-1].text


def test_busy_gpu_is_waited_for_and_then_refused() -> None:
    card, waits = Card(processes=2), []
    nvml = Nvml(Library(card))

    with pytest.raises(AttemptFailed, match="2 other processes compute on the GPU") as failure:
        wait_until_free(
            lambda: nvml.state(T4_UUID),
            BusyHost.REFUSE,
            should_stop=threading.Event(),
            on_wait=lambda: waits.append(1),
            every_s=0.001,
            longest_s=0.01,
        )

    assert failure.value.kind == FailureKind.DEVICE
    assert waits


def test_gpu_that_becomes_free_is_used() -> None:
    nvml = Nvml(Library(Card(processes=2, states=[{}, {"processes": 0}])))

    others = wait_until_free(
        lambda: nvml.state(T4_UUID),
        BusyHost.REFUSE,
        should_stop=threading.Event(),
        on_wait=lambda: None,
        every_s=0.001,
    )

    assert others == 0
