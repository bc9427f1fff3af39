"""Sending in a record over HTTP, and finding it among the results."""

import gzip
from typing import Any

import pytest

from apps.fleet.actions import revoke_agent
from apps.fleet.models import Agent
from apps.results.models import Result, Submission
from apps.results.tasks import sweep
from runners import wire
from tests.api.calls import Caller, assert_problem
from tests.factories import NOW, latency_record, make_agent, make_leased, measure, submission_message

pytestmark = pytest.mark.usefixtures("catalogue")
Enrolled = tuple[Agent, Caller]


def post(caller: Caller, body: bytes) -> Any:
    headers = {**caller.headers, "Content-Encoding": "gzip"}
    packed = gzip.compress(body)
    return caller.client.post("/api/v1/agent/submission", packed, content_type="application/json", headers=headers)


def body_of(message: wire.SubmissionRequest) -> bytes:
    return message.model_dump_json().encode()


def test_record_is_stored_then_accepted_and_the_same_bytes_say_so(enrolled: Enrolled) -> None:
    body = body_of(submission_message())

    first = post(enrolled[1], body)
    sweep()
    again = post(enrolled[1], body)

    assert (first.status_code, first.json()["state"]) == (202, "submitted")
    assert (again.status_code, again.json()["state"]) == (200, "accepted")
    assert bytes(Submission.objects.get().body) == body
    assert Result.objects.count() == 2


def test_refused_record_is_answered_with_its_reasons(enrolled: Enrolled) -> None:
    body = body_of(submission_message().model_copy(update={"model": "NobodysNet"}))
    post(enrolled[1], body)
    sweep()

    answer = post(enrolled[1], body).json()

    assert answer == {"state": "refused", "detail": " ".join(Submission.objects.get().problems)}
    assert "import it first" in answer["detail"]


def test_refused_record_whose_cause_is_gone_is_accepted_by_the_call_that_sends_it_again(enrolled: Enrolled) -> None:
    body = body_of(submission_message())
    post(enrolled[1], body)
    Submission.objects.update(state="refused", problems=["This site has no model."], settled_at=NOW)

    answer = post(enrolled[1], body)

    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert Result.objects.count() == 2


def test_other_bytes_under_the_same_id_are_a_409(enrolled: Enrolled) -> None:
    body = body_of(submission_message())
    post(enrolled[1], body)

    assert_problem(post(enrolled[1], body + b" "), 409, "other-submission")

    assert Submission.objects.count() == 1


def test_same_id_of_another_owner_is_a_record_of_its_own(enrolled: Enrolled) -> None:
    body = body_of(submission_message())
    post(enrolled[1], body)

    response = post(Caller(make_agent()[1]), body)

    assert response.status_code == 202
    assert Submission.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "status", "type"),
    [(b"{", 400, "parse-error"), (b"{}", 422, "invalid-input"), (b"[]", 422, "invalid-input")],
)
def test_malformed_record_is_refused_in_the_one_shape(enrolled: Enrolled, body: bytes, status: int, type: str) -> None:
    assert_problem(post(enrolled[1], body), status, type)

    assert not Submission.objects.exists()


def test_too_large_record_is_a_413(enrolled: Enrolled, settings: Any) -> None:
    settings.MAX_RESULT_BYTES = 1000

    assert_problem(post(enrolled[1], body_of(submission_message())), 413, "too-large")


def test_revoked_agent_submits_nothing(enrolled: Enrolled) -> None:
    revoke_agent(agent=enrolled[0], by=None, at=NOW)

    response = post(enrolled[1], body_of(submission_message()))

    assert response.status_code == 401
    assert not Submission.objects.exists()


def test_results_of_a_submission_are_listed_by_origin_with_their_evidence(
    enrolled: Enrolled, anonymous: Caller
) -> None:
    measure(make_leased())
    message = submission_message(latency_record(seed=3))
    post(enrolled[1], body_of(message))
    sweep()

    [row] = anonymous.all_rows("results/", origin="submission", metric="latency")

    submission = Submission.objects.get()
    assert (row["evidence"], row["n"], row["trust_tier"], row["run"]) == ("samples", 250, 0, None)
    assert (row["submission"], row["artifact_sha256"]) == (submission.sha256, message.artifact_sha256)
    assert (row["weights"], row["artifact_of"]) == (message.artifact.weights, message.model)
    one = anonymous.get(f"results/{row['id']}/").json()
    assert (one["runner_version"], one["environment"]) == ("1.0", {"cpu": {"logical_cores": 8}})
    assert one["statistics"]["n"] == 250
    samples = anonymous.get(f"results/{row['id']}/samples/").json()
    assert isinstance(message.record, wire.LatencyRecord)
    assert samples["count"] == 250
    assert [p["wall_ns"] for p in samples["processes"]] == [p.wall_ns for p in message.record.processes]
