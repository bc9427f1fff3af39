"""The policy for a busy host, on cores that really burn."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners import quiet
from runners.execute import WAITING_PHASE, Execution, execute, pinned_cpus
from runners.quiet import BusyHost, look, wait_until_quiet, why_busy
from runners.statistics.summarise import summarise
from runners.supervise import AttemptFailed, Stopped
from runners.wire import FailureKind, LatencyRecord, Progress
from tests.runners.burner import burning
from tests.runners.engines import networks

needs_pinning = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can pin a burning process to a core")


def measured(folder: Path, busy_host: BusyHost, progress: list[Progress]) -> Execution:
    """Three processes of a real, very small network on the core that the burner has too."""
    return execute(
        networks.order(networks.artifact(folder, networks.network()), processes=3, min_duration_s=0.3),
        artifact_dir=folder,
        work_dir=folder / "work",
        on_progress=progress.append,
        should_stop=threading.Event(),
        busy_host=busy_host,
    )


@pytest.mark.parametrize(
    ("core_share", "neighbour_cores", "load_average", "reason"),
    [
        (0.02, 0.1, 1.9, None),
        (0.5, 0.5, 1.0, "Other programs used 50% of a core that was measured on."),
        (0.02, 1.02, 1.0, "Other programs kept 1.0 cores busy of 1 beside those measured on."),
        (0.02, 0.1, 2.5, "The load average was 2.5 on 2 cores."),
    ],
)
def test_host_is_busy_by_the_limits_that_would_flag_the_samples(
    core_share: float, neighbour_cores: float, load_average: float, reason: str | None
) -> None:
    found = why_busy(
        core_share=core_share,
        neighbour_cores=neighbour_cores,
        load_average=load_average,
        logical_cores=2,
        measured_cores=1,
    )

    assert found == reason


@needs_pinning
def test_value_measured_while_another_process_burns_the_core_is_flagged(tmp_path: Path) -> None:
    with burning(pinned_cpus(1, is_simulated=False)):
        execution = measured(tmp_path, BusyHost.FLAG, [])

    assert isinstance(execution.record, LatencyRecord)
    flags = {flag.key: flag.detail for flag in summarise(execution.record, logical_cores=os.cpu_count()).flags}
    assert "waited" in flags["busy-host"]
    assert "Other programs used" in flags["busy-host"]
    assert execution.environment["busy_host_policy"] == "flag"


@needs_pinning
def test_agent_that_refuses_measures_nothing_while_another_process_burns_the_core(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet, "LONGEST_WAIT_S", 1.5)
    progress: list[Progress] = []

    with burning(pinned_cpus(1, is_simulated=False)), pytest.raises(AttemptFailed, match="not become quiet") as failure:
        measured(tmp_path, BusyHost.REFUSE, progress)

    assert failure.value.kind == FailureKind.DEVICE
    assert "Other programs used" in failure.value.reason
    [told] = progress
    assert told == Progress(phase=WAITING_PHASE, done=0, total=3, detail=told.detail)
    assert "Other programs used" in told.detail
    assert not (tmp_path / "work" / "process-1.json").exists()


@needs_pinning
def test_waiting_for_a_quiet_host_ends_when_the_agent_stops() -> None:
    should_stop = threading.Event()

    with burning(pinned_cpus(1, is_simulated=False)), pytest.raises(Stopped):
        wait_until_quiet(
            pinned_cpus(1, is_simulated=False), should_stop=should_stop, on_wait=lambda why: should_stop.set()
        )


def test_waiting_ends_with_the_first_quiet_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: Iterator[str | None] = iter(["Busy.", "Busier.", None, "Busy again."])
    monkeypatch.setattr(quiet, "look", lambda cpus, should_stop: next(looks))
    told: list[str] = []

    wait_until_quiet([0], should_stop=threading.Event(), on_wait=told.append)

    assert list(looks) == ["Busy again."]
    assert told == ["Busy."]


def test_long_wait_is_told_about_again_with_the_reason_of_then(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: Iterator[str | None] = iter(["Busy.", "Busier.", None])
    monkeypatch.setattr(quiet, "look", lambda cpus, should_stop: next(looks))
    monkeypatch.setattr(quiet, "TELL_EVERY_S", 0.0)
    told: list[str] = []

    wait_until_quiet([0], should_stop=threading.Event(), on_wait=told.append)

    assert told == ["Busy.", "Busier."]


def test_look_on_a_system_that_cannot_pin_judges_the_whole_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (999.0, 0.0, 0.0))

    reason = look([], threading.Event())

    assert reason is not None
    assert reason.endswith(f"The load average was 999.0 on {os.cpu_count()} cores.")
    assert "of a core" not in reason
