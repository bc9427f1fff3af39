from __future__ import annotations

import gc
import hashlib
import sys
import threading
import time
from array import array

import pytest

from runners.measure import MAX_SAMPLES, measure, time_once


def test_every_inference_is_a_sample_in_order() -> None:
    durations_s = iter([0.001, 0.001, 0.02, 0.001, 0.01])

    samples = measure(lambda: time.sleep(next(durations_s)), warmup=2, repeats=3, min_duration_s=0)

    assert len(samples.warmup_wall_ns) == 2
    assert len(samples.wall_ns) == len(samples.cpu_ns) == 3
    assert samples.wall_ns[0] > samples.wall_ns[2] > samples.wall_ns[1] > 1_000_000


def test_loop_goes_on_until_the_duration_is_reached_too() -> None:
    samples = measure(lambda: time.sleep(0.002), warmup=0, repeats=1, min_duration_s=0.05)

    assert sum(samples.wall_ns) >= 0.045e9
    assert len(samples.wall_ns) > 1


def test_loop_ends_at_the_cap_whatever_was_asked_for() -> None:
    samples = measure(lambda: None, warmup=0, repeats=1_000, min_duration_s=60, max_samples=500)

    assert len(samples.wall_ns) == len(samples.cpu_ns) == 500
    assert MAX_SAMPLES == 200_000


def test_sleep_takes_wall_time_but_no_cpu_time() -> None:
    samples = measure(lambda: time.sleep(0.02), warmup=0, repeats=1, min_duration_s=0)

    assert samples.wall_ns[0] >= 20_000_000
    assert samples.cpu_ns[0] < samples.wall_ns[0] / 2


def test_cpu_time_counts_the_work_of_other_threads() -> None:
    worker_cpu_ns: list[int] = []

    def work() -> None:
        hashlib.sha256(bytes(20_000_000))
        worker_cpu_ns.append(time.thread_time_ns())

    def run() -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    samples = measure(run, warmup=0, repeats=1, min_duration_s=0)

    assert samples.cpu_ns[0] >= worker_cpu_ns[0] > 1_000_000


def test_garbage_collection_is_off_in_the_loop_and_on_after_it() -> None:
    seen: list[bool] = []

    measure(lambda: seen.append(gc.isenabled()), warmup=1, repeats=2, min_duration_s=0)

    assert seen == [False, False, False]
    assert gc.isenabled()


def test_garbage_collection_is_on_again_after_a_failure() -> None:
    def fail() -> None:
        raise ValueError("broken network")

    with pytest.raises(ValueError, match="broken network"):
        measure(fail, warmup=0, repeats=1, min_duration_s=0)

    assert gc.isenabled()


def test_loop_keeps_no_memory_per_sample() -> None:
    blocks = array("q", bytes(8 * 5_000))
    position = iter(range(5_000))

    def count_blocks() -> None:
        blocks[next(position)] = sys.getallocatedblocks()

    measure(count_blocks, warmup=0, repeats=5_000, min_duration_s=0)

    assert blocks[-1] - blocks[100] < 100


def test_time_once_gives_duration_and_value() -> None:
    duration_ns, value = time_once(lambda: "loaded")

    assert duration_ns > 0
    assert value == "loaded"
