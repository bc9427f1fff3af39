"""What phones and GPUs send in: what becomes values of theirs, what is marked, and what is refused."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError

from apps.catalog.models import Architecture, Artifact, DeviceKind
from apps.fleet.kinds import recognise
from apps.fleet.models import Device
from apps.results.actions.board import current_board, recompute_board
from apps.results.floors import floors_of
from apps.results.models import BoardCell, Measurement, Result, Samples
from apps.runs.models import Attempt
from runners import wire
from tests.devices import GPU_PROTOCOL, PHONE_PROTOCOL, PLUS_FACTS, RTX_FACTS, gpu, gpu_record, phone, summary_record
from tests.factories import (
    COMPLEXITY,
    MODEL,
    complexity_record,
    latency_record,
    make_leased,
    measure,
    result_message,
)

pytestmark = pytest.mark.usefixtures("catalogue")


def leased_phone(**changes: Any) -> Attempt:
    return make_leased(protocol=PHONE_PROTOCOL, device=phone(**changes))


def leased_gpu(protocol: str = GPU_PROTOCOL) -> Attempt:
    return make_leased(protocol=protocol, device=gpu())


def values(attempt: Attempt, record: wire.Record) -> dict[str, Result]:
    return {result.metric: result for result in measure(attempt, result_message(attempt, record))}


def refusal(attempt: Attempt, record: wire.Record) -> str:
    assert measure(attempt, result_message(attempt, record)) == []
    attempt.refresh_from_db()
    assert attempt.state == "quarantined"
    return attempt.reason


def count_macs(macs: int) -> None:
    """As if the site had counted so many: a network that a GPU feels."""
    Architecture.objects.filter(name=MODEL).update(stages=[{"name": "head", "layers": 1, "macs": macs, "params": 1}])


def test_summary_of_a_phone_is_a_latency_without_an_interval() -> None:
    result = values(leased_phone(), summary_record())["latency"]

    assert (result.evidence, result.n) == ("summary", 500)
    assert result.statistic == "mean of 100 after 10, median of 5 invocations"
    assert result.value == Decimal("20.04")
    assert (result.interval_low, result.interval_high) == (None, None)
    assert result.configuration.slug == "sd855-bs1-t1.ncnn.snapdragon-855"
    assert not Samples.objects.exists()
    assert Measurement.objects.get().statistics["tool"] == "benchncnn"


def test_summary_fills_its_cell() -> None:
    result = values(leased_phone(), summary_record())["latency"]

    assert BoardCell.objects.get(metric="latency").result == result
    assert current_board() == recompute_board()


def test_summaries_say_nothing_of_noise() -> None:
    first = values(leased_phone(), summary_record(mean_ms=20.0))["latency"]
    values(leased_phone(), summary_record(mean_ms=30.0))

    assert floors_of([first.configuration_id])[first.configuration_id].pairs == 0


def test_samples_of_a_phone_need_no_cpu_time_and_have_an_interval() -> None:
    record = latency_record(median_ms=20.0, samples=100)
    processes = [process.model_copy(update={"cpu_ns": []}) for process in record.processes]

    found = values(leased_phone(engine="onnxruntime"), record.model_copy(update={"processes": processes}))

    assert (found["latency"].evidence, found["latency"].n, found["latency"].flags) == ("samples", 500, [])
    assert found["latency"].interval_low is not None
    assert "cpu_time" not in found


def test_storage_of_a_phone_is_what_the_engine_loaded_or_else_the_artifact() -> None:
    converted = [wire.ArtifactFile(name="model.bin", sha256="0" * 64, size_bytes=2**20)]
    attempt = leased_phone()
    assert attempt.run.artifact is not None
    artifact_mib = (Decimal(attempt.run.artifact.size_bytes) / 2**20).quantize(Decimal("1e-8"))

    as_it_is = values(attempt, summary_record())["storage"]
    made = values(leased_phone(), summary_record().model_copy(update={"executed_files": converted}))["storage"]

    assert (as_it_is.value, as_it_is.evidence) == (artifact_mib, "count")
    assert made.value == 1


def test_device_time_of_a_gpu_stands_beside_its_latency() -> None:
    record = gpu_record()

    found = values(leased_gpu(), record)

    median_ms = float(np.median([process.device_ns for process in record.processes])) / 1e6
    device_time = found["device_time"]
    assert set(found) == {"latency", "device_time"}
    assert float(device_time.value) == pytest.approx(median_ms, abs=1e-8)
    assert (device_time.evidence, device_time.statistic, device_time.n) == ("samples", "median", 5_000)
    assert device_time.interval_low is not None
    assert device_time.interval_low < device_time.value < device_time.value * Decimal("1.01")
    assert device_time.configuration.slug == "t4-fp16-bs1.onnxruntime-tensorrt.tesla-t4"


def test_device_time_is_missing_where_a_process_gave_none() -> None:
    record = gpu_record()
    processes = [record.processes[0].model_copy(update={"device_ns": []}), *record.processes[1:]]

    found = values(leased_gpu(), record.model_copy(update={"processes": processes}))

    assert set(found) == {"latency"}


def test_host_of_a_gpu_may_wait_and_be_busy() -> None:
    record = gpu_record(facts={"before": {"load_average": [64.0]}})
    idle = [process.model_copy(update={"cpu_ns": [1] * 1_000}) for process in record.processes]

    found = values(leased_gpu(), record.model_copy(update={"processes": idle}))

    assert found["latency"].flags == []


@pytest.mark.parametrize(
    ("facts", "flags"),
    [
        ({"is_throttled": None}, []),
        ({"temperature_before_c": 45.0, "baseline_c": 28.0}, ["hot-start"]),
        ({"battery_percent": 12}, ["low-battery"]),
    ],
)
def test_state_of_the_phone_marks_its_values(facts: dict[str, Any], flags: list[str]) -> None:
    assert values(leased_phone(), summary_record(facts=facts))["latency"].flags == flags


def test_phone_that_was_throttled_at_times_is_marked() -> None:
    record = summary_record()
    slow = record.invocations[4].model_copy(update={"facts": {"is_throttled": True}})

    found = values(leased_phone(), record.model_copy(update={"invocations": [*record.invocations[:4], slow]}))

    assert found["latency"].flags == ["throttled"]


def test_reasons_of_a_gpu_mark_both_of_its_times() -> None:
    found = values(leased_gpu(), gpu_record(facts={"throttle_reasons": ["sw power cap"]}))

    assert {metric: result.flags for metric, result in found.items()} == {
        "latency": ["throttled"],
        "device_time": ["throttled"],
    }


@pytest.mark.parametrize("output", ["", "x" * 20_000, "mobilenet: 20.00 ms (a release to come)\n"])
def test_output_that_the_site_cannot_read_marks_its_values(output: str) -> None:
    result = values(leased_phone(), summary_record(output=output))["latency"]

    [flag] = Measurement.objects.get().statistics["flags"]
    assert result.flags == [flag["key"]] == ["unread-output"]
    assert "The numbers of 5 of 5 outputs are as stated" in flag["detail"]


def test_flagged_value_of_a_phone_goes_behind_a_clean_one() -> None:
    clean = values(leased_phone(), summary_record())["latency"]
    values(leased_phone(), summary_record(mean_ms=10.0, facts={"battery_percent": 12}))

    assert BoardCell.objects.get(metric="latency").result == clean


REFUSALS: dict[str, tuple[Callable[[], wire.Record], str]] = {
    "a mean that does not follow": (
        lambda: summary_record().model_copy(update={"stated_mean_ns": 1.0}),
        "The stated mean is 1 ns, the median of the invocations' means 20040000 ns.",
    ),
    "too few invocations": (
        lambda: summary_record(invocations=4),
        "It has 4 invocations, the protocol asks for 5.",
    ),
    "too many invocations": (
        lambda: _with_invocations(2 * summary_record().invocations),
        "It has 10 invocations, the protocol asks for 5.",
    ),
    "a mean that was not printed": (
        lambda: _with_invocations([_faster(each) for each in summary_record().invocations]),
        'Invocation 1 states a mean of 19.8 ms, its output says 20 ms: "mobilenet  min =',
    ),
    "a printed NaN": (
        lambda: summary_record(output="  mobilenet  min = nan  max = nan  avg = nan\n"),
        "The output of invocation 1 cannot be true. nan ms is no time that this can take",
    ),
    "too few runs": (
        lambda: summary_record(runs=30),
        "An invocation timed 30 runs, the protocol asks for at least 100.",
    ),
    "a mean below the minimum": (lambda: summary_record(min_ns=30e6), "Invocation 1 says minimum 30000000 ns"),
    "throttled all the time": (
        lambda: summary_record(facts={"is_throttled": True}),
        "The phone ran below its clock all the time",
    ),
    "samples of a phone that was throttled all the time": (
        lambda: _throttled_samples(),
        "The phone ran below its clock all the time",
    ),
    "more inferences than time": (lambda: summary_record(runs=10_000), "but the attempt took 60.000 s."),
    "a count": (complexity_record, "The record is about complexity, ordered was latency."),
}


def _with_invocations(invocations: list[wire.ToolSummary]) -> wire.SummaryRecord:
    stated_ns = float(np.median([each.mean_ns for each in invocations]))
    return summary_record().model_copy(update={"invocations": invocations, "stated_mean_ns": stated_ns})


def _faster(invocation: wire.ToolSummary) -> wire.ToolSummary:
    return invocation.model_copy(update={"mean_ns": invocation.mean_ns * 0.99})


def _throttled_samples() -> wire.LatencyRecord:
    record = latency_record(samples=100)
    facts = {"is_throttled": True}
    return record.model_copy(
        update={"processes": [process.model_copy(update={"facts": facts}) for process in record.processes]}
    )


@pytest.mark.parametrize("case", REFUSALS)
def test_record_of_a_phone_that_cannot_stand_is_refused(case: str) -> None:
    record, reason = REFUSALS[case]

    assert reason in refusal(leased_phone(), record())
    assert not Result.objects.exists()


def test_median_of_a_gpu_that_does_not_follow_is_refused() -> None:
    record = gpu_record().model_copy(update={"stated_median_ns": 1.0})

    assert "The stated median is 1 ns" in refusal(leased_gpu(), record)


def test_latency_of_a_phone_below_its_peak_is_refused_although_no_run_counted_its_model() -> None:
    attempt = leased_phone()

    reason = refusal(attempt, summary_record(mean_ms=0.3))

    assert "41,030,272 MACs x batch 1 take at the device kind's peak of 2.19e+11 FLOP/s" in reason


def test_int8_artifact_on_a_phone_is_held_against_the_peak_of_int8() -> None:
    attempt = leased_phone()
    Artifact.objects.filter(runs=attempt.run).update(precision="int8")

    assert values(attempt, summary_record(mean_ms=0.3))


@pytest.mark.parametrize(
    ("protocol", "median_ms", "peak"),
    [("t4-fp16-bs1", 0.1, "6.5e+13"), ("t4-fp32-bs1", 0.9, "8.1e+12"), ("t4-fp16-bs8", 0.9, "6.5e+13")],
)
def test_latency_of_a_gpu_is_held_against_the_peak_of_its_protocols_precision_and_batch(
    protocol: str, median_ms: float, peak: str
) -> None:
    count_macs(4_000_000_000)

    reason = refusal(leased_gpu(protocol), gpu_record(median_ms=median_ms, device_ms=None))

    assert f"peak of {peak} FLOP/s" in reason


def test_same_latency_that_fp32_cannot_reach_stands_in_fp16() -> None:
    count_macs(4_000_000_000)

    assert values(leased_gpu("t4-fp16-bs1"), gpu_record(median_ms=0.9))


def test_time_of_the_gpu_itself_is_held_against_the_peak_too() -> None:
    count_macs(4_000_000_000)

    reason = refusal(leased_gpu("t4-fp32-bs1"), gpu_record(median_ms=1.5, device_ms=0.5))

    assert "is below 0.9877 ms" in reason


@pytest.mark.parametrize(("leased", "engine"), [(make_leased, "onnxruntime on a cpu"), (leased_gpu, "on a gpu")])
def test_summary_of_an_engine_that_gives_samples_is_refused(leased: Callable[[], Attempt], engine: str) -> None:
    reason = refusal(leased(), summary_record())

    assert "It is a summary, but " in reason
    assert f"{engine} gives samples: send all of them." in reason


@pytest.mark.parametrize("brand", ["Intel(R) Atom(TM) CPU N270 @ 1.60GHz", "AMD EPYC 7R32"])
def test_result_of_a_cpu_with_another_brand_is_refused(brand: str) -> None:
    attempt = make_leased()
    message = result_message(attempt).model_copy(update={"environment": {"cpu": {"brand": brand}}})

    measure(attempt, message)

    attempt.refresh_from_db()
    assert f"its fact brand is {brand!r}, which is not a Example CPU 9000" in attempt.reason


def test_result_of_a_phone_that_turned_out_to_be_another_is_refused() -> None:
    attempt = leased_phone()
    plus = DeviceKind.objects.get(slug="snapdragon-855-plus")
    Device.objects.filter(pk=attempt.device_id).update(kind=plus)

    reason = refusal(attempt, summary_record())

    assert "The device was offered as Snapdragon 855, and is Snapdragon 855 Plus now." in reason
    assert "sd855-bs1-t1 v1 is for Snapdragon 855, measured was Snapdragon 855 Plus." in reason
    assert attempt.device_kind.slug == "snapdragon-855", "its history tells what the run was leased for"


def test_result_of_another_gpu_is_refused_under_the_t4() -> None:
    attempt = leased_gpu()
    rtx = recognise(gpu(kind_name="NVIDIA GeForce RTX 2080", facts={"name": "NVIDIA GeForce RTX 2080"}))
    Device.objects.filter(pk=attempt.device_id).update(kind=rtx)

    reason = refusal(attempt, gpu_record())

    assert "t4-fp16-bs1 v1 is for Tesla T4, measured was NVIDIA GeForce RTX 2080." in reason


@pytest.mark.parametrize(
    ("attempt", "record", "environment", "says"),
    [
        (leased_phone, summary_record, {"phone": PLUS_FACTS}, "cpu7_max_frequency_khz is 2956800 kHz"),
        (leased_gpu, gpu_record, {"gpu": RTX_FACTS}, "its fact name is NVIDIA GeForce RTX 2080"),
    ],
)
def test_result_whose_environment_is_that_of_other_hardware_is_refused(
    attempt: Callable[[], Attempt], record: Callable[[], wire.Record], environment: dict[str, Any], says: str
) -> None:
    leased = attempt()
    message = result_message(leased, record()).model_copy(update={"environment": environment})

    assert measure(leased, message) == []

    leased.refresh_from_db()
    assert says in leased.reason


def test_result_on_another_kind_than_was_asked_for_is_refused() -> None:
    attempt = make_leased()
    attempt.run.device_kind = attempt.device.kind
    attempt.run.save()
    other = DeviceKind.objects.get(slug="tesla-t4")
    Device.objects.filter(pk=attempt.device_id).update(kind=other)

    assert "measured on Tesla T4, ordered was Example CPU 9000" in refusal(attempt, latency_record())


def test_simulated_result_cannot_stand_under_a_configuration_of_real_hardware() -> None:
    result = values(leased_phone(), summary_record())["latency"]

    with pytest.raises(IntegrityError, match="results_result_simulated_stands_apart"):
        Result.objects.filter(pk=result.pk).update(is_simulated=True)


def test_count_on_a_simulated_device_stands_where_any_device_gives_the_same() -> None:
    counting = make_leased(protocol=COMPLEXITY)
    simulator = recognise(phone(is_simulated=True))
    Device.objects.filter(pk=counting.device_id).update(kind=simulator)
    Attempt.objects.filter(pk=counting.pk).update(device_kind=simulator)

    assert {result.is_simulated for result in measure(counting)} == {True}
    assert not BoardCell.objects.exists()


def test_simulated_phone_fills_its_own_configuration_and_no_cell() -> None:
    attempt = leased_phone(facts={"adb_serial_is_loopback": True})

    result = values(attempt, summary_record())["latency"]

    assert result.is_simulated
    assert result.configuration.slug == "sd855-bs1-t1.ncnn.simulated-snapdragon-855"
    assert not BoardCell.objects.exists()
