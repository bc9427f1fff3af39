import hashlib
from datetime import timedelta
from statistics import median
from typing import Any

import pytest

from apps.catalog.models import Architecture, Artifact
from apps.fleet.models import Agent, Attachment, Device
from apps.results.actions.board import current_board, recompute_board
from apps.results.actions.submit import OtherSubmission, accept_submission, store_submission
from apps.results.models import Result, Submission
from apps.results.samples import raw_samples
from apps.results.tasks import sweep
from runners import wire
from tests.accuracies import ACCURACY, PREPARATION, accuracy_record
from tests.devices import (
    GPU_PROTOCOL,
    PHONE_PROTOCOL,
    PLUS_FACTS,
    RTX_FACTS,
    STATED,
    gpu,
    gpu_record,
    phone,
    summary_record,
)
from tests.factories import (
    COMPLEXITY,
    LATENCY,
    MODEL,
    NOW,
    attach,
    complexity_record,
    device_offer,
    latency_record,
    make_agent,
    make_leased,
    measure,
    submission_message,
    submit_record,
)

pytestmark = pytest.mark.usefixtures("catalogue")


def accept(message: wire.SubmissionRequest, agent: Agent | None = None) -> Submission:
    submission = submit_record(agent or make_agent()[0], message)
    accept_submission(submission_pk=submission.pk, at=NOW)
    submission.refresh_from_db()
    return submission


def refusal(message: wire.SubmissionRequest) -> str:
    submission = accept(message)
    assert (submission.state, Result.objects.count()) == ("refused", 0)
    return " ".join(submission.problems)


def test_record_becomes_unvetted_results_of_its_own_origin_with_samples() -> None:
    submission = accept(submission_message())

    results = {result.metric: result for result in Result.objects.all()}
    assert submission.state == "accepted"
    assert set(results) == {"latency", "cpu_time"}
    latency = results["latency"]
    assert (latency.origin, latency.evidence, latency.trust_tier, latency.n) == ("submission", "samples", 0, 250)
    assert latency.submission == submission
    assert latency.device is not None
    assert latency.interval_low is not None
    assert latency.is_submission
    assert submission.statistics["n"] == 250
    assert submission.environment == {"cpu": {"logical_cores": 8}}


def test_submission_fills_no_cell_and_the_board_stays_as_recomputed() -> None:
    measure(make_leased())
    before = current_board()

    accept(submission_message(latency_record(median_ms=5.0)))

    assert current_board() == before == recompute_board()


def test_known_artifact_is_linked_and_an_unknown_one_keeps_its_stated_facts() -> None:
    known = accept(submission_message())
    unknown = accept(submission_message(artifact=_artifact(sha256="1" * 64)))

    assert known.artifact == Artifact.objects.get(sha256=known.artifact_sha256)
    assert (unknown.state, unknown.artifact, unknown.weights) == ("accepted", None, "trained here")


def test_complexity_is_counted_evidence() -> None:
    accept(submission_message(complexity_record(), protocol=COMPLEXITY))

    assert set(Result.objects.values_list("evidence", "origin", flat=False)) == {("count", "submission")}


def test_simulated_device_gives_simulated_results() -> None:
    device = device_offer(engines=["stub"], is_simulated=True)

    accept(submission_message(device=device, engine="stub"))

    assert set(Result.objects.values_list("is_simulated", flat=True)) == {True}


def test_device_of_the_owner_is_recognised_and_no_attachment_changes(attached_agent: tuple[Agent, Attachment]) -> None:
    agent, attachment = attached_agent
    offer = device_offer(fingerprint=attachment.device.fingerprint)

    submission = accept(submission_message(device=offer), agent)

    assert submission.device == attachment.device
    assert list(agent.attachments.all()) == [attachment]


@pytest.fixture
def attached_agent() -> tuple[Agent, Attachment]:
    agent, _ = make_agent()
    return agent, attach(agent)[0]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": "NobodysNet"}, "import it first"),
        ({"protocol_version": 99}, "no protocol cpu-fp32-bs1 version 99"),
        ({"protocol_slug": "paddleclas-sd855-bs1"}, "no protocol paddleclas-sd855-bs1"),
        ({"device_fingerprint": "0" * 64}, "names one device and describes another"),
        ({"engine_release": "9.9"}, "does not offer onnxruntime 9.9"),
        ({"artifact_sha256": "0" * 64}, "is not the one that it names"),
        ({"finished_at": NOW + timedelta(days=2)}, "in the future"),
        ({"record": complexity_record()}, "The record is about complexity"),
    ],
)
def test_record_that_contradicts_itself_or_the_catalogue_is_refused(changes: dict[str, Any], says: str) -> None:
    assert says in refusal(submission_message().model_copy(update=changes))


def test_median_that_does_not_follow_from_the_samples_is_refused() -> None:
    record = latency_record().model_copy(update={"stated_median_ns": 1.0})

    assert "median" in refusal(submission_message(record))


def test_fewer_processes_and_samples_are_taken_and_marked() -> None:
    record = latency_record(samples=1)
    few = record.model_copy(
        update={
            "processes": record.processes[:1],
            "stated_median_ns": float(record.processes[0].wall_ns[0]),
        }
    )

    submission = accept(submission_message(few))

    latency = Result.objects.get(metric="latency")
    assert (submission.state, latency.flags, latency.n) == ("accepted", ["few-invocations", "few-samples"], 1)
    assert latency.interval_low is None


def test_more_invocations_than_a_protocol_asks_for_are_no_reason_to_mark_a_record() -> None:
    accept(_submitted_from(phone(), summary_record(), protocol=PHONE_PROTOCOL))
    record = summary_record(mean_ms=30.0)
    more = record.model_copy(update={"invocations": [*record.invocations, *record.invocations[:2]]})

    accept(_submitted_from(phone(), _with_stated_mean(more), protocol=PHONE_PROTOCOL))

    assert list(Result.objects.filter(metric="latency").order_by("id").values_list("n", "flags")) == [
        (500, []),
        (700, []),
    ]


def _with_stated_mean(record: wire.SummaryRecord) -> wire.SummaryRecord:
    return record.model_copy(update={"stated_mean_ns": median(each.mean_ns for each in record.invocations)})


def test_stub_on_a_real_device_is_refused() -> None:
    message = submission_message(device=device_offer(engines=["stub"]), engine="stub")

    assert "measures nothing" in refusal(message)


def test_refused_record_leaves_no_device_behind() -> None:
    refusal(submission_message().model_copy(update={"engine_release": "9.9"}))

    assert not Device.objects.exists()


def test_refused_record_is_looked_at_again_when_it_is_sent_again() -> None:
    agent, message = make_agent()[0], submission_message()
    submission = submit_record(agent, message)
    Submission.objects.update(state="refused", problems=["This site has no model."], settled_at=NOW)

    accept_submission(submission_pk=submission.pk, at=NOW)

    submission.refresh_from_db()
    assert (submission.state, submission.problems) == ("accepted", [])


def test_same_bytes_are_one_submission_and_other_bytes_a_conflict() -> None:
    agent, message = make_agent()[0], submission_message()
    body = message.model_dump_json().encode()

    stored = [store_submission(agent=agent, message=message, body=body, at=NOW) for _ in range(2)]

    assert [is_new for _, is_new in stored] == [True, False]
    with pytest.raises(OtherSubmission, match="never overwritten"):
        store_submission(agent=agent, message=message, body=body + b" ", at=NOW)
    assert Submission.objects.get().sha256 == hashlib.sha256(body).hexdigest()


def test_accepting_twice_stores_once() -> None:
    submission = submit_record(make_agent()[0], submission_message())

    done = [accept_submission(submission_pk=submission.pk, at=NOW) for _ in range(2)]

    assert done == [True, False]
    assert Result.objects.count() == 2


def test_sweep_accepts_what_a_lost_message_left_and_a_broken_one_holds_nothing_up() -> None:
    agent = make_agent()[0]
    broken, _ = store_submission(agent=agent, message=submission_message(), body=b"{}", at=NOW)
    good = submit_record(agent, submission_message())

    sweep()

    assert dict(Submission.objects.values_list("pk", "state")) == {broken.pk: "submitted", good.pk: "accepted"}


def test_submitted_count_of_macs_decides_nothing_about_latencies() -> None:
    Architecture.objects.filter(name=MODEL).update(stages=[])
    accept(submission_message(complexity_record(macs=10**15), protocol=COMPLEXITY))

    assert measure(make_leased(model=MODEL, protocol=LATENCY))


def test_submitted_count_that_is_not_the_one_of_the_site_is_refused() -> None:
    refused = accept(submission_message(complexity_record(macs=1), protocol=COMPLEXITY))

    assert refused.problems == ["It counts 1 MACs, this site counts 41,030,272 of MobileNetV1_x0_25."]


def _artifact(*, sha256: str) -> wire.Artifact:
    files = [wire.ArtifactFile(name="model.onnx", sha256=sha256, size_bytes=1000)]
    manifest = wire.manifest_sha256(format="onnx", precision="fp32", files=files)
    return wire.Artifact(sha256=manifest, format="onnx", precision="fp32", weights="trained here", files=files)


def _submitted_from(device: wire.DeviceOffer, record: wire.Record, *, protocol: str) -> wire.SubmissionRequest:
    return submission_message(record, protocol=protocol, engine=device.engines[0].name, device=device)


@pytest.mark.parametrize(
    ("device", "record", "protocol", "column"),
    [
        (phone(facts=STATED), summary_record(), PHONE_PROTOCOL, "sd855-bs1-t1.ncnn.snapdragon-855"),
        (gpu(facts=STATED, engine="trtexec"), gpu_record(), GPU_PROTOCOL, "t4-fp16-bs1.trtexec.tesla-t4"),
    ],
    ids=["phone", "gpu"],
)
def test_imported_log_of_a_stated_kind_stands_under_it_and_off_the_board(
    device: wire.DeviceOffer, record: wire.Record, protocol: str, column: str
) -> None:
    accept(_submitted_from(device, record, protocol=protocol))

    assert set(Result.objects.values_list("configuration__slug", "origin")) == {(column, "submission")}
    assert not current_board()


def test_summary_that_was_sent_in_is_stored_as_a_summary() -> None:
    submission = accept(_submitted_from(phone(), summary_record(), protocol=PHONE_PROTOCOL))

    result = Result.objects.get(metric="latency")
    assert (result.evidence, result.n, raw_samples(result)) == ("summary", 500, None)
    assert submission.statistics["tool"] == "benchncnn"
    assert Result.objects.get(metric="storage").value > 0


@pytest.mark.parametrize(
    ("device", "says"),
    [
        (phone(kind_name="Xiaomi Mi 9", facts=STATED), "is for Snapdragon 855, measured was Xiaomi Mi 9"),
        (phone(kind_name="SM8150", facts=STATED), "is for Snapdragon 855, measured was SM8150"),
        (phone(facts=PLUS_FACTS), "By its facts it is a Snapdragon 855 Plus"),
        (phone(kind_name="Snapdragon 855 Plus", facts=PLUS_FACTS), "measured was Snapdragon 855 Plus"),
    ],
)
def test_record_of_other_hardware_never_carries_the_phones_name(device: wire.DeviceOffer, says: str) -> None:
    assert says in refusal(_submitted_from(device, summary_record(), protocol=PHONE_PROTOCOL))


def test_record_of_another_gpu_never_carries_the_t4s_name() -> None:
    device = gpu(kind_name="NVIDIA GeForce RTX 2080", facts=RTX_FACTS)

    assert "is for Tesla T4" in refusal(_submitted_from(device, gpu_record(), protocol=GPU_PROTOCOL))


def test_summary_whose_mean_does_not_follow_is_refused() -> None:
    record = summary_record().model_copy(update={"stated_mean_ns": 1.0})

    assert "The stated mean is 1 ns" in refusal(_submitted_from(phone(), record, protocol=PHONE_PROTOCOL))


@pytest.mark.parametrize(
    ("kind", "says"),
    [(wire.WeightsKind.RANDOM, "weights are random"), (wire.WeightsKind.SEEDED_INT8, "calibrated on seeded inputs")],
)
def test_accuracy_of_weights_that_have_none_is_refused_whatever_the_words_are(
    kind: wire.WeightsKind, says: str
) -> None:
    artifact = _artifact(sha256="1" * 64).model_copy(update={"weights_kind": kind, "input": PREPARATION})

    message = submission_message(accuracy_record(), protocol=ACCURACY, artifact=artifact)

    assert says in refusal(message)


def test_file_made_fp16_beforehand_is_taken_where_fp16_is_measured() -> None:
    assert accept(_with_precision("fp16", protocol=GPU_PROTOCOL)).state == "accepted"


def test_file_made_fp16_beforehand_is_refused_where_fp32_is_measured() -> None:
    assert "takes an artifact in fp32, not in fp16" in refusal(_with_precision("fp16", protocol="t4-fp32-bs1"))


def _with_precision(precision: str, *, protocol: str) -> wire.SubmissionRequest:
    files = [wire.ArtifactFile(name="model.onnx", sha256="1" * 64, size_bytes=9)]
    sha256 = wire.manifest_sha256(format="onnx", precision=precision, files=files)
    artifact = wire.Artifact.model_validate(
        {"sha256": sha256, "format": "onnx", "precision": precision, "weights": "trained here", "files": files}
    )
    device = gpu()
    return submission_message(
        gpu_record(), protocol=protocol, engine=device.engines[0].name, device=device, artifact=artifact
    )
