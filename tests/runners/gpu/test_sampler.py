from __future__ import annotations

from datetime import UTC, datetime, timedelta

from runners.gpu.nvml import Nvml
from runners.gpu.sampler import Sample, Sampler, with_states
from runners.gpu.state import GpuState
from runners.wire import LatencyRecord, ProcessSamples
from tests.runners.gpu.library import IDLE, POWER_CAP, T4_UUID, Card, Library

START = datetime(2026, 3, 1, tzinfo=UTC)


def state(temperature_c: float, reasons: list[str] | None = None, sm_mhz: int | None = 1590) -> GpuState:
    return GpuState(temperature_c, sm_mhz, 5000, None, None, None, reasons, 0)


def sample(at_s: float, temperature_c: float = 50, reasons: list[str] | None = None) -> Sample:
    return Sample(START + timedelta(seconds=at_s), state(temperature_c, reasons))


def process(at_s: float, load_s: float = 2) -> ProcessSamples:
    return ProcessSamples(
        load_ns=int(load_s * 1e9),
        first_ns=0,
        warmup_wall_ns=[],
        wall_ns=[1_000],
        cpu_ns=[],
        started_at=START + timedelta(seconds=at_s),
        facts={"pinning": "pinned"},
    )


def record(*processes: ProcessSamples) -> LatencyRecord:
    return LatencyRecord(processes=list(processes), stated_median_ns=1_000, output_sha256="0" * 64)


def test_each_process_has_the_states_of_its_own_time() -> None:
    samples = [sample(0, 40), sample(2, 55), sample(5, 60), sample(11, 70), sample(15, 72)]

    first, second = with_states(record(process(1), process(10)), samples).processes

    assert first.facts["pinning"] == "pinned"
    assert [each["at_s"] for each in first.facts["gpu"]["samples"]] == [1.0, 4.0]
    assert first.facts["gpu"]["before"]["temperature_c"] == 40
    assert first.facts["gpu"]["after"]["temperature_c"] == 70
    assert second.facts["gpu"]["before"]["temperature_c"] == 60
    assert second.facts["gpu"]["temperature_max_c"] == 72


def test_reasons_count_once_the_network_was_loaded() -> None:
    samples = [sample(1.5, reasons=["sw_power_cap"]), sample(4, reasons=[]), sample(5, reasons=["hw_slowdown"])]

    [only] = with_states(record(process(1)), samples).processes

    assert only.facts["throttle_reasons"] == ["hw_slowdown"]


def test_gpu_that_tells_no_reasons_has_none_and_not_an_empty_list() -> None:
    [only] = with_states(record(process(1)), [sample(4)]).processes

    assert only.facts["throttle_reasons"] is None


def test_process_of_an_earlier_try_that_nobody_watched_gets_no_state() -> None:
    [earlier, _] = with_states(record(process(1), process(10)), [sample(12)]).processes

    assert earlier.facts == {"pinning": "pinned"}


def test_state_is_read_at_both_ends_and_a_lost_gpu_is_a_missing_sample() -> None:
    card = Card(states=[{"reasons": IDLE}, {"reasons": POWER_CAP}])
    with Sampler(Nvml(Library(card)), T4_UUID) as sampler:
        pass
    card.is_lost = True

    with Sampler(Nvml(Library(card)), T4_UUID) as lost:
        pass

    assert [each.state.throttle_reasons for each in sampler.samples] == [["gpu_idle"], ["sw_power_cap"]]
    assert lost.samples == []
