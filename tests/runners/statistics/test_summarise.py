import json
import time
from typing import Any

import numpy as np
import pytest

from runners.statistics.summarise import logical_cores, problems, summarise
from tests.runners.statistics.noise import attempt
from tests.runners.statistics.records import record

MOBILENET_V1_MACS = 568_740_000
CPU_CORE_FLOPS = 384e9


def test_summary_of_a_quiet_attempt_has_every_number_and_no_flag() -> None:
    wall = attempt(np.random.default_rng(41))

    summary = summarise(record(wall), logical_cores=2)

    pooled_ms = np.rint(np.concatenate(wall)) / 1e6
    assert summary.value_ms == pytest.approx(float(np.median(pooled_ms)))
    assert summary.interval_ms is not None
    assert summary.interval_ms[0] < summary.value_ms < summary.interval_ms[1]
    assert (summary.n, summary.processes) == (250, 5)
    assert summary.p99_ms == pytest.approx(float(np.percentile(pooled_ms, 99)))
    assert summary.cpu_p10_ms == pytest.approx(summary.p10_ms)
    assert (summary.load_ms, summary.first_ms) == (50.0, 20.0)
    assert summary.document_mean_30_ms == pytest.approx((12 + pooled_ms[:29].sum()) / 30)
    assert summary.document_mean_500_ms is None
    assert summary.flags == []


def test_summary_as_json_survives_json() -> None:
    busy = record(attempt(np.random.default_rng(42)), cpu_over_wall=0.5)

    stored = summarise(busy).as_json()

    assert json.loads(json.dumps(stored)) == stored
    assert [flag["key"] for flag in stored["flags"]] == ["busy-host"]


def test_summary_of_two_processes_has_no_interval() -> None:
    summary = summarise(record(attempt(np.random.default_rng(43), processes=2)))

    assert summary.interval_ms is None
    assert summary.estimate() is None


def test_summary_gives_the_estimate_in_milliseconds() -> None:
    summary = summarise(record(attempt(np.random.default_rng(44))))

    found = summary.estimate()

    assert found is not None
    assert (found.median, found.processes) == (summary.value_ms, 5)


def test_summary_reads_load_steal_and_other_programs_from_the_agents_facts() -> None:
    facts = {
        "before": {"load_average": [4.5, 1.0, 1.0]},
        "loop": {"steal_s": 0.5, "elapsed_s": 1.0, "others_cpu_s": 1.1, "core_others_s": 0.3},
    }

    summary = summarise(record(attempt(np.random.default_rng(45)), facts=facts), logical_cores=2)

    assert [flag.detail for flag in summary.flags] == [
        "The load average was 4.5 on 2 cores. Other programs used 30% of a core that was measured on. "
        "Other programs kept 0.8 cores busy of 1 beside those measured on. The hypervisor took 50% of a core away."
    ]


@pytest.mark.parametrize("facts", [{"before": "busy"}, {"before": {"load_average": []}}, {"loop": {"steal_s": None}}])
def test_summary_ignores_facts_that_are_no_numbers(facts: dict[str, object]) -> None:
    summary = summarise(record(attempt(np.random.default_rng(46)), facts=facts), logical_cores=2)

    assert summary.flags == []


@pytest.mark.parametrize(
    ("environment", "cores"),
    [
        ({"cpu": {"logical_cores": 16}}, 16),
        ({"cpu": {"logical_cores": None}}, None),
        ({"cpu": {"logical_cores": True}}, None),
        ({"cpu": {"logical_cores": float("inf")}}, None),
        ({"cpu": "many"}, None),
        ({}, None),
    ],
)
def test_logical_cores_are_those_of_the_environment_if_it_says_a_number(
    environment: dict[str, object], cores: int | None
) -> None:
    assert logical_cores(environment) == cores


def test_summary_of_a_gpu_does_not_judge_the_waiting_host() -> None:
    gpu = record(attempt(np.random.default_rng(47)), cpu_over_wall=0.1)

    summary = summarise(gpu, is_host_timed=False)

    assert (summary.cpu_median_ms, summary.cpu_p10_ms) == (None, None)
    assert summary.flags == []


def test_summary_of_a_gpu_has_its_own_times_with_an_interval() -> None:
    gpu = record(attempt(np.random.default_rng(52)), cpu_over_wall=0.1, device_over_wall=0.8)

    summary = summarise(gpu, is_host_timed=False)

    assert summary.device_ms is not None
    assert summary.device_interval_ms is not None
    assert summary.device_ms == pytest.approx(summary.value_ms * 0.8, rel=1e-6)
    assert summary.device_interval_ms[0] < summary.device_ms < summary.device_interval_ms[1]
    assert summary.device_n == 250
    assert json.loads(json.dumps(summary.as_json())) == summary.as_json()


def test_summary_without_times_of_every_process_has_none_of_the_gpu() -> None:
    gpu = record(attempt(np.random.default_rng(53)), device_over_wall=0.8)
    partly = [gpu.processes[0].model_copy(update={"device_ns": []}), *gpu.processes[1:]]

    summary = summarise(gpu.model_copy(update={"processes": partly}))

    assert (summary.device_ms, summary.device_interval_ms, summary.device_n) == (None, None, 0)


def test_summary_flags_what_the_device_says_of_itself() -> None:
    facts = {"throttle_reasons": ["hw_slowdown"]}

    summary = summarise(record(attempt(np.random.default_rng(54)), facts=facts), is_host_timed=False)

    assert [flag.key for flag in summary.flags] == ["throttled"]


def test_summary_of_five_thousand_samples_takes_less_than_150_ms() -> None:
    long = record(attempt(np.random.default_rng(48), n=1_000, between=0.03))

    # CPU time, so that a busy machine does not fail the test.
    started_s = time.process_time()
    summarise(long)

    assert time.process_time() - started_s < 0.15


def test_problems_of_an_honest_record_are_none() -> None:
    honest = record(attempt(np.random.default_rng(49)))

    found = problems(honest, macs=MOBILENET_V1_MACS, batch_size=1, peak_flops=CPU_CORE_FLOPS, elapsed_s=10.0)

    assert found == []


def test_problems_name_everything_that_cannot_be() -> None:
    too_fast = [samples / 10 for samples in attempt(np.random.default_rng(50))]
    dishonest = record(too_fast, cpu_over_wall=2.0, stated_median_ns=5e6)

    found = problems(dishonest, macs=MOBILENET_V1_MACS, batch_size=1, peak_flops=CPU_CORE_FLOPS, elapsed_s=0.5)

    assert len(found) == 1 + 5 + 1 + 1
    assert found[0].startswith("The stated median is 5000000 ns")
    assert found[-1].startswith("The median of 0.99") or found[-1].startswith("The median of 1")


def test_problems_without_macs_or_peak_leave_out_the_floor() -> None:
    fast = record([samples / 1_000 for samples in attempt(np.random.default_rng(51))])

    assert problems(fast, macs=None, batch_size=1, peak_flops=CPU_CORE_FLOPS, elapsed_s=10.0) == []
    assert problems(fast, macs=MOBILENET_V1_MACS, batch_size=1, peak_flops=None, elapsed_s=10.0) == []


def test_problems_of_a_gpu_do_not_judge_the_waiting_host() -> None:
    idle = record(attempt(np.random.default_rng(55)), cpu_over_wall=0.001)

    terms: dict[str, Any] = {"macs": None, "batch_size": 1, "peak_flops": None, "elapsed_s": 10.0}

    assert problems(idle, is_host_timed=False, **terms) == []
    assert len(problems(idle, is_host_timed=True, **terms)) == 5


def test_problems_hold_the_gpus_own_times_against_the_peak() -> None:
    gpu = record(attempt(np.random.default_rng(56)), device_over_wall=0.1)

    found = problems(gpu, macs=MOBILENET_V1_MACS, batch_size=1, peak_flops=CPU_CORE_FLOPS, elapsed_s=10.0)

    assert len(found) == 1
    assert "is below" in found[0]
