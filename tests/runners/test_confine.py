from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from runners import confine

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")


def run_confined(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"from runners import confine; {code}"], capture_output=True, text=True, timeout=60
    )


def test_memory_beyond_the_limit_is_refused() -> None:
    result = run_confined("confine.limit(memory_bytes=2**29, cpu_time_s=None); bytearray(2**30)")

    assert "MemoryError" in result.stderr


def test_memory_within_the_limit_is_given() -> None:
    result = run_confined("confine.limit(memory_bytes=2**31, cpu_time_s=None); bytearray(2**29)")

    assert result.returncode == 0


def test_part_of_the_machines_memory_is_left_to_the_host() -> None:
    result = run_confined(
        "import resource; confine.limit(memory_bytes=2**60, cpu_time_s=None);"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0])"
    )

    assert int(result.stdout) == pytest.approx(0.9 * psutil.virtual_memory().total, rel=0.01)


def test_process_that_spins_is_ended_by_its_cpu_time_limit() -> None:
    result = run_confined("confine.limit(memory_bytes=None, cpu_time_s=1)\nwhile True: pass")

    assert result.returncode == -signal.SIGXCPU


def test_crash_leaves_no_core_file() -> None:
    result = run_confined(
        "import resource; confine.limit(memory_bytes=None, cpu_time_s=None);"
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )

    assert result.stdout.strip() == "0"


def test_pin_moves_the_process_and_says_so() -> None:
    last = max(os.sched_getaffinity(0))

    result = run_confined(f"import os; print(confine.pin([{last}]), os.sched_getaffinity(0))")

    assert result.stdout.strip() == f"pinned {{{last}}}"


def test_pin_to_nothing_leaves_the_process_where_it_is() -> None:
    before = os.sched_getaffinity(0)

    assert confine.pin([]).startswith("not pinned")
    assert os.sched_getaffinity(0) == before
