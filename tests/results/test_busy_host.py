"""What happens on the board to a value that was measured while another process burned the core."""

import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from apps.catalog.models import Architecture
from apps.results.models import BoardCell
from apps.runs.models import Attempt
from runners import wire
from runners.execute import execute, pinned_cpus
from tests.factories import NOW, make_leased, measure, measure_latency, result_message
from tests.runners.burner import burning
from tests.runners.engines import networks

pytestmark = [
    pytest.mark.usefixtures("catalogue"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux can pin a burning process to a core"),
]


def measured_on_a_burning_core(attempt: Attempt, folder: Path) -> wire.ResultRequest:
    """A real, very small network under the protocol's counts of processes and samples, less its duration."""
    # It stands for a larger one, whose counted MACs no host does in that time.
    Architecture.objects.update(stages=[])
    order = networks.order(networks.artifact(folder, networks.network()), processes=5, repeats=50, min_duration_s=0.1)
    with burning(pinned_cpus(1, is_simulated=False)):
        execution = execute(
            order,
            artifact_dir=folder,
            work_dir=folder / "work",
            on_progress=lambda progress: None,
            should_stop=threading.Event(),
        )
    at = attempt.leased_at + timedelta(minutes=1)
    # The attempt's device is another CPU than this host's, and a result that says so is refused.
    environment = {**execution.environment, "cpu": {"logical_cores": 2}}
    return result_message(attempt, execution.record, at=at).model_copy(update={"environment": environment})


def test_every_value_measured_on_a_burning_core_is_marked_and_never_goes_before_a_clean_one(tmp_path: Path) -> None:
    clean = measure_latency(make_leased())
    later = make_leased(at=NOW + timedelta(hours=1))

    burnt = measure(later, measured_on_a_burning_core(later, tmp_path), at=NOW + timedelta(hours=2))

    assert {result.metric for result in burnt} == {"latency", "cpu_time"}
    assert all("busy-host" in result.flags for result in burnt)
    assert BoardCell.objects.get(metric="latency").result == clean


def test_value_measured_on_a_burning_core_stands_alone_only_with_its_mark(tmp_path: Path) -> None:
    attempt = make_leased()

    measure(attempt, measured_on_a_burning_core(attempt, tmp_path), at=NOW + timedelta(hours=1))

    assert "busy-host" in BoardCell.objects.get(metric="latency").result.flags
