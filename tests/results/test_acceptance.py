"""Everything that speaks against an uploaded result: it is quarantined with the reason, and the run tried again."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from apps.catalog.models import Architecture, Artifact
from apps.fleet.kinds import recognise
from apps.fleet.models import Device
from apps.results.models import BoardCell, Measurement, Result, Samples
from apps.runs.models import Attempt
from runners import wire
from tests.factories import (
    COMPLEXITY,
    MODEL,
    NOW,
    complexity_record,
    device_offer,
    latency_record,
    make_leased,
    measure,
    result_message,
)

pytestmark = pytest.mark.usefixtures("catalogue")

Forge = Callable[[wire.ResultRequest], wire.ResultRequest]


def _set(**changes: object) -> Forge:
    return lambda message: message.model_copy(update=changes)


def _record(**changes: object) -> Forge:
    return _set(record=latency_record().model_copy(update=changes))


def _processes(change: Callable[[wire.ProcessSamples], dict[str, object]], *, samples: int = 50) -> Forge:
    """A record whose processes are changed, and whose stated median follows."""
    record = latency_record(samples=samples)
    processes = [process.model_copy(update=change(process)) for process in record.processes]
    wall = np.concatenate([process.wall_ns for process in processes])
    return _set(record=record.model_copy(update={"processes": processes, "stated_median_ns": float(np.median(wall))}))


REFUSALS: dict[str, tuple[Forge, str]] = {
    "another model": (_set(model="AnotherNet"), "model is 'AnotherNet', ordered was 'MobileNetV1_x0_25'."),
    "another protocol": (_set(protocol_slug="other"), "protocol_slug is 'other'"),
    "another version": (_set(protocol_version=2), "protocol_version is 2, ordered was 1."),
    "another engine": (_set(engine="stub"), "engine is 'stub', ordered was 'onnxruntime'."),
    "another device": (_set(device_fingerprint="0" * 64), "device_fingerprint is"),
    "another artifact": (_set(artifact_sha256="0" * 64), "artifact_sha256 is"),
    "a year that Postgres stores and Python cannot read": (
        _set(started_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))),
        "before its lease",
    ),
    "a day that has not come": (_set(finished_at=NOW + timedelta(days=3)), "It was finished 3 days, 0:00:00 after"),
    "no CPU time": (
        _processes(lambda process: {"cpu_ns": [0] * len(process.wall_ns)}),
        "used no CPU time",
    ),
    "another kind of record": (
        _set(record=complexity_record()),
        "The record is about complexity, ordered was latency.",
    ),
    "too few processes": (
        _record(processes=latency_record().processes[:4]),
        "It has samples of 4 processes, the protocol asks for 5.",
    ),
    "too few samples": (
        _processes(lambda p: {"wall_ns": p.wall_ns[:49], "cpu_ns": p.cpu_ns[:49]}),
        "A process has 49 samples, the protocol asks for at least 50.",
    ),
    "another median": (_record(stated_median_ns=1.0), "The stated median is 1 ns"),
    "missing CPU times": (_processes(lambda p: {"cpu_ns": p.cpu_ns[:7]}), "50 wall times but 7 CPU times"),
    "more cores than allowed": (
        _processes(lambda p: {"cpu_ns": [2 * ns for ns in p.wall_ns]}),
        "Process 1 used 2.0 cores; its protocol allows 1.",
    ),
    "a clock that stands still": (
        _processes(lambda p: {"wall_ns": [10_000_000] * 100, "cpu_ns": []}, samples=100),
        "Process 1 took exactly 10000000 ns 100 times.",
    ),
    "more work than time": (
        _set(started_at=NOW - timedelta(seconds=1)),
        "but the attempt took 1.000 s.",
    ),
}


def _assert_refused(attempt: Attempt, reason: str) -> None:
    attempt.refresh_from_db()
    assert attempt.state == "quarantined"
    assert attempt.reason.startswith("refused: ")
    assert reason in attempt.reason
    assert attempt.is_counted
    assert (attempt.run.state, attempt.run.counted_attempts) == ("queued", 1)
    for table in (Measurement, Samples, Result):
        assert not table._default_manager.filter(attempt=attempt).exists()


@pytest.mark.parametrize("case", REFUSALS)
def test_result_that_cannot_be_true_is_refused(case: str) -> None:
    forge, reason = REFUSALS[case]
    attempt = make_leased()

    measure(attempt, forge(result_message(attempt)))

    _assert_refused(attempt, reason)
    assert not BoardCell.objects.exists()


def test_all_reasons_are_said_at_once() -> None:
    attempt = make_leased()

    measure(attempt, result_message(attempt).model_copy(update={"model": "AnotherNet", "protocol_version": 2}))

    _assert_refused(attempt, "ordered was 'MobileNetV1_x0_25'. protocol_version is 2")


def test_latency_below_what_the_macs_take_at_the_peak_is_refused() -> None:
    attempt = make_leased()

    measure(attempt, result_message(attempt, latency_record(median_ms=0.1)))

    _assert_refused(attempt, "which 41,030,272 MACs x batch 1 take at the device kind's peak of 3.84e+11 FLOP/s")


def test_latency_above_what_the_macs_take_at_the_peak_is_accepted() -> None:
    attempt = make_leased()

    assert measure(attempt, result_message(attempt, latency_record(median_ms=0.3)))


def test_latency_of_an_int8_artifact_is_held_against_the_peak_of_int8() -> None:
    attempt = make_leased()
    Artifact.objects.filter(runs=attempt.run).update(precision="int8")

    assert measure(attempt, result_message(attempt, latency_record(median_ms=0.1)))


def test_count_of_an_agent_is_no_bound_of_a_network_that_the_site_never_counted() -> None:
    Architecture.objects.filter(name=MODEL).update(stages=[])
    counting = make_leased(protocol=COMPLEXITY)
    measure(counting, result_message(counting, complexity_record(macs=10**12)))

    assert measure(make_leased())


FORGED_COUNTS = {
    "MACs": ({"macs": 1}, "It counts 1 MACs, this site counts 41,030,272 of MobileNetV1_x0_25."),
    "parameters": ({"params": 1}, "It counts 1 parameters, this site counts 470,072 of MobileNetV1_x0_25."),
    "FLOPs of the published counter": (
        {"flops_paddle": 76_000_000},
        "It counts 76,000,000 FLOPs as Paddle counts them, this site counts 77,283,412 of MobileNetV1_x0_25.",
    ),
    "parameters of the published counter": (
        {"params_paddle": 1},
        "It counts 1 parameters as Paddle counts them, this site counts 458,030 of MobileNetV1_x0_25.",
    ),
    "storage": ({"storage_bytes": 1}, "Its storage is 1 bytes, the artifact has 1,923,020."),
}


@pytest.mark.parametrize("what", FORGED_COUNTS)
def test_count_that_is_not_the_one_of_the_site_is_refused_with_both_numbers(what: str) -> None:
    changes, reason = FORGED_COUNTS[what]
    attempt = make_leased(protocol=COMPLEXITY)

    measure(attempt, result_message(attempt, complexity_record(**changes)))

    _assert_refused(attempt, reason)


def test_stub_engine_is_refused_on_a_device_that_turned_real() -> None:
    attempt = make_leased(is_simulated=True)
    Device.objects.filter(pk=attempt.device_id).update(kind=recognise(device_offer()))

    measure(attempt)

    _assert_refused(attempt, "The stub engine measures nothing")
