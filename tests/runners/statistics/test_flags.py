from collections import Counter
from collections.abc import Callable
from itertools import permutations
from math import factorial

import numpy as np
import pytest

from runners.statistics.counts import Counts
from runners.statistics.flags import FLAGS, Attempt, HostState, find_flags
from runners.statistics.samples import Samples
from runners.statistics.trend import find_drift, find_throttling, find_unfinished_warmup
from tests.runners.statistics.noise import attempt

# A flag that were raised in 3 of 100 quiet attempts would pass as one of 1 of 100 once in 400 times.
ATTEMPTS = 500
DETECTIONS = 200
MAX_FALSE_ALARM = 0.01


def _keys(wall: list[Samples]) -> list[str]:
    return [flag.key for flag in find_flags(Attempt(wall, wall))]


def _flags(wall: list[Samples], cpu: list[Samples]) -> dict[str, str]:
    return {flag.key: flag.detail for flag in find_flags(Attempt(wall, cpu))}


@pytest.mark.parametrize("n", [50, 200])
@pytest.mark.parametrize(("sigma", "correlation"), [(0.02, 0.0), (0.02, 0.5), (0.02, 0.8), (0.05, 0.0)])
def test_flags_are_false_alarms_in_one_of_a_hundred_quiet_attempts_at_most(
    n: int, sigma: float, correlation: float
) -> None:
    generator = np.random.default_rng(11)

    raised = Counter(
        key for _ in range(ATTEMPTS) for key in _keys(attempt(generator, n=n, sigma=sigma, correlation=correlation))
    )

    assert {key: count for key, count in raised.items() if count / ATTEMPTS > MAX_FALSE_ALARM} == {}


def test_order_flags_are_no_false_alarm_when_processes_differ_at_random() -> None:
    generator = np.random.default_rng(12)
    attempts = 3_000

    raised = Counter[str]()
    for _ in range(attempts):
        # As few samples as both of them judge: only the order of the processes and of the samples in them matters.
        wall = attempt(generator, n=30, between=0.07)
        raised["drift"] += find_drift(wall) is not None
        raised["warm-up"] += find_unfinished_warmup(wall) is not None

    assert raised["drift"] / attempts <= MAX_FALSE_ALARM
    assert raised["warm-up"] / attempts <= MAX_FALSE_ALARM


@pytest.mark.parametrize("processes", [3, 4, 5, 6])
def test_throttling_is_no_false_alarm_in_more_than_one_of_a_hundred_orders_of_the_processes(processes: int) -> None:
    levels = np.linspace(1.0, 1.3, processes)

    # Processes that differ at random come in every order alike, so that all orders give the chance itself.
    raised = sum(find_throttling([np.array([level]) for level in order]) is not None for order in permutations(levels))

    assert raised / factorial(processes) <= MAX_FALSE_ALARM


def _drifting(wall: list[Samples]) -> list[Samples]:
    return [samples * np.linspace(1.0, 1.05, len(samples)) for samples in wall]


def _warming_up(wall: list[Samples]) -> list[Samples]:
    return [samples * np.where(np.arange(len(samples)) < len(samples) // 10, 1.1, 1.0) for samples in wall]


def _throttling(wall: list[Samples]) -> list[Samples]:
    return [samples * factor for samples, factor in zip(wall, np.linspace(1.0, 1.15, len(wall)), strict=True)]


def _two_speeds(wall: list[Samples]) -> list[Samples]:
    return [samples * np.where(np.arange(len(samples)) % 10 < 3, 1.2, 1.0) for samples in wall]


def _spiky(wall: list[Samples]) -> list[Samples]:
    return [samples * np.where(np.arange(len(samples)) % 12 == 0, 2.0, 1.0) for samples in wall]


def _one_slow_process(wall: list[Samples]) -> list[Samples]:
    return [*wall[:-2], wall[-2] * 1.08, wall[-1]]


@pytest.mark.parametrize(
    ("key", "disturb"),
    [
        ("warm-up", _warming_up),
        ("drift", _drifting),
        ("throttling", _throttling),
        ("bimodal", _two_speeds),
        ("outliers", _spiky),
        ("process-spread", _one_slow_process),
    ],
)
def test_flag_is_raised_in_95_of_100_disturbed_attempts(
    key: str, disturb: Callable[[list[Samples]], list[Samples]]
) -> None:
    generator = np.random.default_rng(13)

    found = sum(key in _keys(disturb(attempt(generator))) for _ in range(DETECTIONS))

    assert found / DETECTIONS >= 0.95


def test_busy_host_is_raised_when_a_fifth_of_the_samples_waited_for_a_core() -> None:
    cpu = attempt(np.random.default_rng(14))
    wall = [samples + np.where(np.arange(len(samples)) % 5 == 0, 4e6, 0.0) for samples in cpu]

    flags = _flags(wall, cpu)

    assert flags["busy-host"] == "20% of a process' samples waited: wall time over 1.1 x CPU time."


def test_busy_host_is_raised_when_one_process_of_five_waited() -> None:
    cpu = attempt(np.random.default_rng(18))
    wall = [*cpu[:-1], cpu[-1] + np.where(np.arange(50) % 5 == 0, 4e6, 0.0)]

    assert "busy-host" in _flags(wall, cpu)


def test_busy_host_is_raised_when_a_program_took_the_core_for_moments_longer_than_an_inference() -> None:
    # Inferences of 50 us: a spinning program takes 4 ms after every 4 ms, so one sample in 80 holds all of its time.
    cpu = [samples / 200 for samples in attempt(np.random.default_rng(19), n=800)]
    wall = [samples + np.where(np.arange(800) % 80 == 0, 4e6, 0.0) for samples in cpu]

    detail = _flags(wall, cpu)["busy-host"]

    assert detail.startswith("The samples of a process waited: all together their wall time is 2.")


def test_busy_host_is_not_judged_without_cpu_times() -> None:
    wall = attempt(np.random.default_rng(15))

    assert find_flags(Attempt(wall)) == []


def test_busy_host_counts_every_thread() -> None:
    wall = attempt(np.random.default_rng(16))
    busy_cores = [samples * 2 for samples in wall]

    assert find_flags(Attempt(wall, busy_cores, threads=2)) == []
    assert [flag.key for flag in find_flags(Attempt(wall, wall, threads=2))] == ["busy-host"]


@pytest.mark.parametrize(
    ("host", "detail"),
    [
        (HostState(load_averages=[1.0, 3.2], logical_cores=2), "The load average was 3.2 on 2 cores."),
        (HostState(load_averages=[1.0, 2.0], logical_cores=2), None),
        (HostState(load_averages=[9.0]), None),
        (HostState(stolen_cores=[0.0, 0.25]), "The hypervisor took 25% of a core away."),
        (HostState(stolen_cores=[0.05]), None),
        (HostState(core_shares=[0.02, 0.4]), "Other programs used 40% of a core that was measured on."),
        (HostState(core_shares=[0.09]), None),
        (
            HostState(neighbour_cores=[0.1, 1.9], logical_cores=4),
            "Other programs kept 1.9 cores busy of 3 beside those measured on.",
        ),
        (HostState(neighbour_cores=[1.4], logical_cores=4), None),
        (HostState(neighbour_cores=[0.9], logical_cores=1), None),
        (HostState(neighbour_cores=[3.0]), None),
    ],
)
def test_busy_host_believes_load_and_steal(host: HostState, detail: str | None) -> None:
    wall = attempt(np.random.default_rng(17))

    details = [flag.detail for flag in find_flags(Attempt(wall, wall, host=host))]

    assert details == ([detail] if detail else [])


def test_flags_of_a_single_sample_are_none() -> None:
    wall = [np.array([1e6])]

    assert find_flags(Attempt(wall, wall)) == []


def test_flags_are_the_keys_of_the_table() -> None:
    of_samples = ["warm-up", "drift", "throttling", "bimodal", "outliers", "busy-host", "process-spread"]
    of_device = ["throttled", "hot-start", "low-battery"]

    of_evidence = ["few-invocations", "few-samples", "unread-output"]

    assert list(FLAGS) == [*of_samples, *of_device, "unstable-output", *of_evidence]


def test_less_than_was_asked_for_is_flagged_with_both_numbers() -> None:
    wall = [np.full(30, 1e6) + np.arange(30, dtype=np.float64)]

    flags = find_flags(Attempt(wall, counts=Counts(runs=[30], processes=5, repeats=100)))

    assert {flag.key: flag.detail for flag in flags} == {
        "few-invocations": "It has samples of 1 process, the protocol asks for 5.",
        "few-samples": "A process has 30 samples, the protocol asks for at least 100.",
    }


def test_outputs_that_nobody_could_read_are_flagged_with_their_number_and_the_first_reason() -> None:
    wall = [np.array([1e6])] * 3

    [flag] = find_flags(Attempt(wall, unread=["It is cut off.", "It is empty."]))

    assert flag.key == "unread-output"
    assert "2 of 3 outputs" in flag.detail
    assert flag.detail.endswith("It is cut off.")


def test_other_logits_after_the_loop_are_flagged_and_silence_is_not() -> None:
    wall = [np.full(50, 1e6) + np.arange(50, dtype=np.float64)] * 3

    [flag] = find_flags(Attempt(wall, outputs=[True, False, True]))

    assert (flag.key, flag.detail[:19]) == ("unstable-output", "1 of 3 processes ga")
    assert find_flags(Attempt(wall, outputs=[True])) == find_flags(Attempt(wall)) == []
