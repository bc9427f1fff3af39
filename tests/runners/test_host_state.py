from __future__ import annotations

import os
import sys
import time

import pytest

from runners import host_state
from tests.runners.burner import burning


def test_state_has_the_load_and_admits_what_it_cannot_read() -> None:
    state = host_state.read()

    assert len(state["load_average"]) == 3
    assert state["frequency_mhz"] is None or state["frequency_mhz"] > 100
    assert state["temperature_c"] is None or 0 < state["temperature_c"] < 120


def test_usage_tells_own_work_from_waiting() -> None:
    before = host_state.usage()
    ends_at_s = time.process_time() + 0.1
    while time.process_time() < ends_at_s:
        pass
    worked = host_state.usage_since(before)
    before = host_state.usage()
    time.sleep(0.05)
    waited = host_state.usage_since(before)

    assert worked["own_cpu_s"] >= 0.09
    assert waited["own_cpu_s"] < 0.05 <= waited["elapsed_s"]
    assert waited["waits"] >= 1
    assert worked["others_cpu_s"] >= 0


def test_peak_memory_is_this_process_alone_and_grows() -> None:
    before = host_state.peak_memory_bytes()

    ballast = b"x" * 2 * before

    assert host_state.peak_memory_bytes() >= before + len(ballast) // 2


@pytest.mark.parametrize(("text", "cpus"), [("0\n", {0}), ("0-1,8-9\n", {0, 1, 8, 9}), ("3,67", {3, 67})])
def test_cpus_are_read_as_linux_writes_them(text: str, cpus: set[int]) -> None:
    assert host_state.parse_cpus(text) == cpus


def test_cpu_has_itself_for_a_sibling_where_the_system_tells_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_state, "SIBLINGS_PATH", "/nowhere/cpu{cpu}")

    assert host_state.siblings(5) == {5}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can pin a burning process to a core")
def test_usage_tells_who_else_used_the_watched_core() -> None:
    cpu = max(os.sched_getaffinity(0))
    with burning([cpu]):
        before = host_state.usage([cpu])
        time.sleep(0.3)
        used = host_state.usage_since(before)

    assert used["core_others_s"] > 0.5 * used["elapsed_s"]
    assert host_state.usage_since(host_state.usage())["core_others_s"] is None
