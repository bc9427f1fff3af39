from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from apps.catalog.models import Architecture
from apps.fleet.models import TrustTier
from apps.results.actions.accept import accept_attempt
from apps.results.models import BoardCell, Measurement, Result, Samples
from apps.results.tasks import sweep
from apps.runs.models import Run, Upload
from runners import wire
from tests.factories import (
    COMPLEXITY,
    NOW,
    complexity_record,
    latency_record,
    lease,
    make_leased,
    measure,
    measure_latency,
    result_message,
    submit,
)

pytestmark = pytest.mark.usefixtures("catalogue")


def test_latency_is_the_median_of_all_samples_with_its_interval() -> None:
    attempt = make_leased()
    record = latency_record()

    result = measure_latency(attempt, result_message(attempt, record))

    median_ms = float(np.median([p.wall_ns for p in record.processes])) / 1e6
    assert (result.metric, result.statistic, result.evidence, result.n) == ("latency", "median", "samples", 250)
    assert float(result.value) == pytest.approx(median_ms, abs=1e-8)
    assert result.interval_low is not None
    assert result.interval_high is not None
    assert result.interval_low < result.value < result.interval_high
    assert result.interval_high / result.interval_low < Decimal("1.02")
    assert result.flags == []
    assert result.configuration.slug == "cpu-fp32-bs1.onnxruntime.example-cpu-9000"


def test_cpu_time_is_the_10th_percentile_of_all_cpu_times() -> None:
    attempt = make_leased()
    record = latency_record()

    results = {result.metric: result for result in measure(attempt, result_message(attempt, record))}

    assert set(results) == {"latency", "cpu_time"}
    result = results["cpu_time"]
    p10_ms = float(np.percentile([p.cpu_ns for p in record.processes], 10)) / 1e6
    assert (result.statistic, result.evidence, result.n) == ("10th percentile of CPU time", "samples", 250)
    assert float(result.value) == pytest.approx(p10_ms, abs=1e-8)
    assert (result.interval_low, result.interval_high) == (None, None)
    assert result.configuration == results["latency"].configuration


def test_record_without_cpu_times_leaves_no_cpu_time() -> None:
    attempt = make_leased()
    record = latency_record()
    processes = [process.model_copy(update={"cpu_ns": []}) for process in record.processes]

    results = measure(attempt, result_message(attempt, record.model_copy(update={"processes": processes})))

    assert [result.metric for result in results] == ["latency"]


def test_storage_is_that_of_the_files_which_the_engine_loaded_instead_of_the_artifact() -> None:
    attempt = make_leased()
    files = [
        wire.ArtifactFile(name=name, sha256="0" * 64, size_bytes=size)
        for name, size in (("model.param", 2**18), ("model.bin", 2**20))
    ]
    record = latency_record().model_copy(update={"executed_files": files})

    results = {result.metric: result for result in measure(attempt, result_message(attempt, record))}

    storage = results["storage"]
    assert storage.value == Decimal("1.25")
    assert (storage.evidence, storage.statistic) == ("count", "files that the engine loaded")
    assert storage.configuration == results["latency"].configuration


def test_acceptance_ends_the_run() -> None:
    attempt = make_leased()

    measure(attempt)

    attempt.refresh_from_db()
    assert (attempt.state, attempt.is_counted) == ("accepted", False)
    assert (attempt.run.state, attempt.run.finished_at) == ("done", NOW)


def test_every_sample_is_kept_in_its_order() -> None:
    attempt = make_leased()
    message = result_message(attempt)

    measure(attempt, message)

    samples = Samples.objects.get()
    assert isinstance(message.record, wire.LatencyRecord)
    assert samples.count == 250
    assert [wire.ProcessSamples.model_validate(process) for process in samples.unpack()] == message.record.processes


def test_measurement_keeps_where_the_values_come_from() -> None:
    attempt = make_leased()

    measure(attempt)

    measurement = Measurement.objects.get()
    assert (measurement.attempt, measurement.artifact) == (attempt, attempt.run.artifact)
    assert (measurement.engine_release, measurement.runner_version) == ("1.2.3", "1.0")
    assert measurement.environment == {"cpu": {"logical_cores": 8}}
    assert measurement.finished_at - measurement.started_at == timedelta(seconds=60)
    assert measurement.statistics["n"] == 250
    assert len(measurement.statistics["process_medians_ms"]) == 5


def test_flags_stand_beside_the_value() -> None:
    attempt = make_leased()
    quiet = latency_record()
    slow = [
        process.model_copy(
            update={key: [ns * (1 + number) for ns in getattr(process, key)] for key in ("wall_ns", "cpu_ns")}
        )
        for number, process in enumerate(quiet.processes)
    ]
    wall = [process.wall_ns for process in slow]
    record = quiet.model_copy(update={"processes": slow, "stated_median_ns": float(np.median(wall))})

    result = measure_latency(attempt, result_message(attempt, record))

    assert result.flags == ["throttling", "process-spread"]
    assert Result.objects.get(metric="cpu_time").flags == result.flags


def test_complexity_fills_six_metrics_in_their_units() -> None:
    attempt = make_leased(protocol=COMPLEXITY)

    results = measure(attempt, result_message(attempt, complexity_record()))

    assert {result.metric: result.value for result in results} == {
        "macs": Decimal("41.030272"),
        "flops_2mac": Decimal("0.08206054"),
        "flops_paddle": Decimal("0.07728341"),
        "params": Decimal("0.470072"),
        "params_paddle": Decimal("0.45803"),
        "storage": Decimal("1.83393478"),
    }
    assert {(r.evidence, r.statistic, r.interval_low, r.n) for r in results} == {("count", "count", None, None)}
    assert {result.configuration.slug for result in results} == {COMPLEXITY}
    assert not Samples.objects.exists()


def test_accepting_twice_stores_once() -> None:
    attempt = make_leased()
    submit(attempt)

    assert [accept_attempt(attempt_id=attempt.pk, at=NOW) for _ in range(2)] == [True, False]

    assert (Result.objects.count(), Measurement.objects.count(), Samples.objects.count()) == (2, 1, 1)
    assert BoardCell.objects.count() == 2


def test_accepted_value_fills_its_cell() -> None:
    result = measure_latency(make_leased())

    cell = BoardCell.objects.get(metric="latency")
    assert (cell.network, cell.metric, cell.configuration) == (result.network, "latency", result.configuration)
    assert (cell.result, cell.device_count, cell.value_min, cell.value_max) == (result, 1, result.value, result.value)


def test_simulated_value_is_stored_and_stays_off_the_board() -> None:
    result = measure_latency(make_leased(is_simulated=True))

    assert result.is_simulated
    assert result.configuration.slug == "cpu-fp32-bs1.stub.simulated-example-cpu-9000"
    assert not BoardCell.objects.exists()


def test_vetted_value_is_not_outranked_by_a_newer_unvetted_one() -> None:
    vetted = measure_latency(make_leased(trust_tier=TrustTier.VETTED))

    later = NOW + timedelta(hours=1)
    measure(make_leased(at=later), at=later)

    assert BoardCell.objects.get(metric="latency").result == vetted


def test_agent_whose_clock_is_ahead_does_not_stay_the_newest() -> None:
    ahead = make_leased()
    measure(ahead, result_message(ahead, at=NOW + timedelta(days=3650)))
    later = NOW + timedelta(hours=1)

    newer = measure_latency(make_leased(at=later), at=later)

    assert BoardCell.objects.get(metric="latency").result == newer


def test_sweep_accepts_what_a_lost_message_left_waiting() -> None:
    submit(make_leased())

    sweep()

    assert Result.objects.filter(metric="latency").count() == 1


def test_upload_that_breaks_acceptance_does_not_hold_up_those_behind_it() -> None:
    broken, good = make_leased(), make_leased()
    submit(broken)
    submit(good)
    Upload.objects.filter(attempt=broken).update(body=b"{}")

    sweep()

    assert {result.attempt for result in Result.objects.all()} == {good}


@pytest.mark.parametrize(
    "changes",
    [
        {"record": complexity_record().model_copy(update={"params_paddle": 9 * 10**18})},
        {"record": complexity_record().model_copy(update={"params_paddle": 10**19})},
        {"environment": {"note": "\x00"}},
        {"runner_version": "1.0\x00"},
    ],
)
def test_values_that_no_column_holds_are_refused(changes: dict[str, object]) -> None:
    Architecture.objects.update(stages=[])
    attempt = make_leased(protocol=COMPLEXITY)

    measure(attempt, result_message(attempt).model_copy(update=changes))

    attempt.refresh_from_db()
    assert attempt.state == "quarantined"
    assert "cannot store these values" in attempt.reason
    assert Run.objects.get().state == "queued"


def test_result_refused_three_times_fails_the_run_with_its_reasons() -> None:
    attempt = make_leased()
    attachments = list(attempt.agent.attachments.select_related("device__kind"))
    for number in range(3):
        attempt = attempt if number == 0 else lease(attempt.agent, attachments)
        measure(attempt, result_message(attempt).model_copy(update={"model": "AnotherNet"}))

    run = Run.objects.get()
    assert (run.state, run.counted_attempts) == ("failed", 3)
    assert run.failure.count("model is 'AnotherNet'") == 3
