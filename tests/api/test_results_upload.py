"""Uploading a result over HTTP: stored once, never overwritten, never half."""

import gzip
from datetime import timedelta
from typing import Any

import pytest

from apps.results.models import Result
from apps.runs.actions.outcomes import expire_attempt
from apps.runs.models import Attempt, Upload
from tests.api.calls import Caller, assert_problem
from tests.factories import NOW, attach, latency_record, lease, make_agent, make_runs, result_message

Uploader = tuple[Caller, Attempt, bytes]


@pytest.fixture
def uploader(catalogue: None) -> Uploader:
    """An agent, its leased attempt, and a good result for it."""
    agent, token = make_agent()
    attachments = attach(agent)
    make_runs(requested_by=agent.owner)
    attempt = lease(agent, attachments)
    return Caller(token), attempt, result_message(attempt).model_dump_json().encode()


def states(attempt: Attempt) -> tuple[str, int]:
    attempt.refresh_from_db()
    return attempt.state, Upload.objects.count()


@pytest.mark.parametrize("is_gzip", [True, False])
def test_result_is_stored_and_ends_the_lease(uploader: Uploader, is_gzip: bool) -> None:
    caller, attempt, body = uploader

    response = caller.post_result(body, is_gzip=is_gzip)

    assert (response.status_code, response.json()["state"]) == (202, "submitted")
    assert states(attempt) == ("submitted", 1)
    assert bytes(Upload.objects.get().body) == body
    assert not Result.objects.filter(attempt=attempt).exists()


def test_same_bytes_again_are_a_200(uploader: Uploader) -> None:
    caller, attempt, body = uploader
    caller.post_result(body)

    response = caller.post_result(body)

    assert (response.status_code, response.json()["state"]) == (200, "submitted")
    assert states(attempt) == ("submitted", 1)


def test_other_bytes_are_a_409_that_keeps_the_first(uploader: Uploader) -> None:
    caller, attempt, body = uploader
    caller.post_result(body)
    other = result_message(attempt, latency_record(seed=1)).model_dump_json().encode()

    problem = assert_problem(caller.post_result(other), 409, "other-result")

    assert "never overwritten" in problem.detail
    assert bytes(Upload.objects.get().body) == body


def test_result_after_its_lease_is_stored_in_quarantine(uploader: Uploader) -> None:
    caller, attempt, body = uploader
    expire_attempt(attempt_id=attempt.pk, at=NOW + timedelta(seconds=91))

    response = caller.post_result(body)

    assert (response.status_code, response.json()["state"]) == (202, "quarantined")
    assert states(attempt) == ("quarantined", 1)


def test_result_of_another_agents_lease_is_a_403(uploader: Uploader) -> None:
    _, attempt, body = uploader
    stranger = Caller(make_agent()[1])

    assert_problem(stranger.post_result(body), 403, "foreign-lease")

    assert states(attempt) == ("leased", 0)


@pytest.mark.parametrize("cut", [0, 1, 5, -10, -1])
def test_truncated_gzip_is_a_400_that_keeps_the_lease(uploader: Uploader, cut: int) -> None:
    caller, attempt, body = uploader
    packed = gzip.compress(body)[:cut]

    response = caller.client.post(
        "/api/v1/agent/result",
        packed,
        content_type="application/json",
        headers={**caller.headers, "Content-Encoding": "gzip"},
    )

    assert_problem(response, 400, "parse-error")
    assert states(attempt) == ("leased", 0)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a": NaN}'])
def test_body_that_is_no_json_is_a_400(uploader: Uploader, body: bytes) -> None:
    caller, attempt, _ = uploader

    problem = assert_problem(caller.post_result(body), 400, "parse-error")

    assert "JSON" in problem.detail
    assert states(attempt) == ("leased", 0)


def test_missing_field_is_a_422_that_names_it(uploader: Uploader) -> None:
    caller, attempt, body = uploader

    problem = assert_problem(caller.post_result(body.replace(b'"started_at"', b'"begun_at"', 1)), 422, "invalid-input")

    assert [error.field for error in problem.errors] == ["started_at"]
    assert states(attempt) == ("leased", 0)


def test_result_that_names_another_run_is_a_422(uploader: Uploader) -> None:
    caller, attempt, body = uploader

    other = body.replace(f'"run_id":{attempt.run_id},'.encode(), b'"run_id":1,', 1)

    assert_problem(caller.post_result(other), 422, "invalid-input")
    assert states(attempt) == ("leased", 0)


@pytest.mark.parametrize("is_gzip", [True, False])
def test_too_large_result_is_a_413_however_it_is_packed(uploader: Uploader, settings: Any, is_gzip: bool) -> None:
    caller, attempt, body = uploader
    settings.MAX_RESULT_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(body) - 1

    problem = assert_problem(caller.post_result(body, is_gzip=is_gzip), 413, "too-large")

    assert f"{len(body) - 1:,}" in problem.detail
    assert states(attempt) == ("leased", 0)


def test_small_gzip_of_very_much_is_a_413_and_not_unpacked(uploader: Uploader, settings: Any) -> None:
    caller, attempt, _ = uploader
    settings.MAX_RESULT_BYTES = 1000

    assert_problem(caller.post_result(b"[" + b"0," * 1_000_000 + b"0]"), 413, "too-large")

    assert states(attempt) == ("leased", 0)
