"""The timed loop: a callable and counts in, samples out, and nothing else happens."""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns, process_time_ns
from typing import TypeVar

MAX_SAMPLES = 200_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Samples:
    """Every inference of the warm-up and of the timed loop, in the order in which it happened.

    Shapes: `warmup_wall_ns` (w,); `wall_ns` and `cpu_ns` (n,).
    Units: nanoseconds; `cpu_ns` is the time of all threads of the process.
    """

    warmup_wall_ns: array[int]
    wall_ns: array[int]
    cpu_ns: array[int]


def time_once(call: Callable[[], T]) -> tuple[int, T]:
    """Wall time of one call, and what it returned: for loading and for the first inference."""
    started_ns = perf_counter_ns()
    value = call()
    return perf_counter_ns() - started_ns, value


def measure(
    run: Callable[[], object],
    *,
    warmup: int,
    repeats: int,
    min_duration_s: float,
    max_samples: int = MAX_SAMPLES,
) -> Samples:
    """Warm up, then time `run` until both `repeats` and `min_duration_s` are reached, at most `max_samples` times."""
    warmup_wall_ns = _buffer(warmup)
    wall_ns, cpu_ns = _buffer(max_samples), _buffer(max_samples)
    with _garbage_collection_off():
        for i in range(warmup):
            started_ns = perf_counter_ns()
            run()
            warmup_wall_ns[i] = perf_counter_ns() - started_ns
        count = _fill(run, wall_ns, cpu_ns, repeats, int(min_duration_s * 1e9))
    return Samples(warmup_wall_ns, wall_ns[:count], cpu_ns[:count])


def _fill(
    run: Callable[[], object], wall_ns: array[int], cpu_ns: array[int], repeats: int, min_duration_ns: int
) -> int:
    """Time `run` into the buffers and return how many samples they hold.

    The CPU clock, a system call, is read once a sample and outside the wall clock's pair, so it is in no wall sample. A
    CPU sample so holds the loop's own microsecond as well.
    """
    wall_clock, cpu_clock = perf_counter_ns, process_time_ns
    ends_at_ns = wall_clock() + min_duration_ns
    cpu_before_ns = cpu_clock()
    for i in range(len(wall_ns)):
        started_ns = wall_clock()
        run()
        ended_ns = wall_clock()
        cpu_after_ns = cpu_clock()
        wall_ns[i] = ended_ns - started_ns
        cpu_ns[i] = cpu_after_ns - cpu_before_ns
        cpu_before_ns = cpu_after_ns
        if ended_ns >= ends_at_ns and i + 1 >= repeats:
            return i + 1
    return len(wall_ns)


def _buffer(length: int) -> array[int]:
    """Zeros whose pages are all written, so that the loop causes no page fault."""
    return array("q", bytes(8 * length))


@contextmanager
def _garbage_collection_off() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
