from __future__ import annotations

import time

from runners import host_state


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
