"""Leasing, keeping, handing back and failing a run over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.fleet.models import Agent
from apps.runs.actions.campaigns import cancel_run
from apps.runs.actions.outcomes import expire_attempt
from apps.runs.api import schema
from apps.runs.models import Attempt, AttemptLog, Run
from runners import wire
from tests.api.calls import Caller, assert_problem, row_counts
from tests.factories import attach, device_offer, make_agent, make_runs, request_id

OFFER = device_offer()


def lease_request(**changes: Any) -> wire.LeaseRequest:
    fields: dict[str, Any] = {"request_id": request_id(), "devices": [OFFER], "runner_version": "1.0"}
    return wire.LeaseRequest(**{**fields, "client_time": timezone.now(), **changes})


def leased(caller: Caller) -> wire.LeaseAnswer:
    response = caller.post("agent/lease", lease_request())
    assert response.status_code == 200, response.content
    return wire.LeaseAnswer.model_validate_json(response.content)


def beat(token: str | None, **progress: Any) -> wire.HeartbeatRequest:
    return wire.HeartbeatRequest(
        lease_token=token, client_time=timezone.now(), progress=wire.Progress(**progress) if progress else None
    )


@pytest.fixture
def queued(enrolled: tuple[Agent, Caller]) -> Run:
    [run] = make_runs(requested_by=enrolled[0].owner)
    return run


@pytest.fixture
def lease(enrolled: tuple[Agent, Caller], queued: Run) -> wire.LeaseAnswer:
    return leased(enrolled[1])


@pytest.fixture
def caller(enrolled: tuple[Agent, Caller]) -> Caller:
    return enrolled[1]


@pytest.fixture
def stranger(catalogue: None) -> Caller:
    return Caller(make_agent()[1])


def test_lease_is_a_204_while_there_is_no_run(caller: Caller) -> None:
    response = caller.post("agent/lease", lease_request())

    assert (response.status_code, response.content) == (204, b"")


def test_lease_gives_an_order_that_names_everything_to_execute(queued: Run, lease: wire.LeaseAnswer) -> None:
    order = lease.order

    assert (order.run_id, order.model, order.engine) == (queued.pk, queued.network.name, queued.engine)
    assert order.device_fingerprint == OFFER.fingerprint
    assert queued.artifact is not None
    assert order.artifact.sha256 == queued.artifact.sha256
    assert 0 < lease.expires_in_s <= 90


def test_same_request_gets_the_same_lease_again(caller: Caller, queued: Run) -> None:
    message = lease_request()

    answers = [wire.LeaseAnswer.model_validate_json(caller.post("agent/lease", message).content) for _ in range(2)]

    assert answers[0].lease_token == answers[1].lease_token
    assert Attempt.objects.count() == 1


def test_other_wire_version_is_a_426_that_leases_nothing(caller: Caller, queued: Run) -> None:
    before = row_counts()

    assert_problem(caller.post("agent/lease", lease_request(wire_version=9)), 426, "upgrade-required")

    assert row_counts() == before


@pytest.mark.parametrize(
    ("change", "field"), [({"request_id": "1"}, "request_id"), ({"devices": []}, "devices"), ({"wait_s": 60}, "wait_s")]
)
def test_invalid_lease_request_is_a_422_that_names_the_field(
    caller: Caller, queued: Run, change: dict[str, Any], field: str
) -> None:
    message = {**lease_request().model_dump(mode="json"), **change}
    before = row_counts()

    problem = assert_problem(caller.post("agent/lease", message), 422, "invalid-input")

    assert [error.field for error in problem.errors] == [field]
    assert row_counts() == before


def test_heartbeat_keeps_the_lease_and_shows_the_progress(caller: Caller, lease: wire.LeaseAnswer) -> None:
    response = caller.post("agent/heartbeat", beat(lease.lease_token, phase="process", done=2, total=5))

    answer = wire.HeartbeatAnswer.model_validate_json(response.content)
    attempt = Attempt.objects.get()
    assert (answer.action, answer.expires_in_s) == ("continue", 90)
    assert (attempt.state, attempt.progress) == ("running", {"phase": "process", "done": 2, "total": 5, "detail": ""})


def test_heartbeat_of_a_cancelled_run_says_cancel(
    enrolled: tuple[Agent, Caller], queued: Run, lease: wire.LeaseAnswer
) -> None:
    agent, caller = enrolled
    cancel_run(run_id=queued.pk, by=agent.owner, at=timezone.now())

    answer = caller.post("agent/heartbeat", beat(lease.lease_token)).json()

    assert (answer["action"], answer["expires_in_s"]) == ("cancel", None)


def test_heartbeat_of_a_lost_lease_is_a_409_that_says_stop(caller: Caller, lease: wire.LeaseAnswer) -> None:
    expire_attempt(attempt_id=lease.order.attempt_id, at=timezone.now() + timedelta(seconds=91))

    problem = assert_problem(caller.post("agent/heartbeat", beat(lease.lease_token)), 409, "lease-over")

    assert "stop" in problem.detail


def test_release_hands_the_run_back_and_may_be_repeated(caller: Caller, queued: Run, lease: wire.LeaseAnswer) -> None:
    message = wire.ReleaseRequest(lease_token=lease.lease_token, reason="agent stops")

    statuses = [caller.post("agent/release", message).status_code for _ in range(2)]

    queued.refresh_from_db()
    assert statuses == [204, 204]
    assert (queued.state, queued.counted_attempts) == ("queued", 0)


def test_fail_ends_the_run_with_the_reason(caller: Caller, queued: Run, lease: wire.LeaseAnswer) -> None:
    message = wire.FailRequest(lease_token=lease.lease_token, kind=wire.FailureKind.USER, reason="operator Foo")

    statuses = [caller.post("agent/fail", message).status_code for _ in range(2)]

    queued.refresh_from_db()
    assert statuses == [204, 204]
    assert queued.state == "failed"
    assert "operator Foo" in queued.failure


def test_fail_after_the_lease_was_lost_is_a_409(caller: Caller, queued: Run, lease: wire.LeaseAnswer) -> None:
    expire_attempt(attempt_id=lease.order.attempt_id, at=timezone.now() + timedelta(seconds=91))
    message = wire.FailRequest(lease_token=lease.lease_token, kind=wire.FailureKind.USER, reason="too late")

    assert_problem(caller.post("agent/fail", message), 409, "lease-over")

    queued.refresh_from_db()
    assert queued.state == "queued"


def messages(token: str) -> dict[str, dict[str, Any]]:
    return {
        "heartbeat": beat(token).model_dump(mode="json"),
        "release": {"lease_token": token, "reason": "none"},
        "fail": {"lease_token": token, "kind": "user", "reason": "none"},
    }


@pytest.mark.parametrize("endpoint", ["heartbeat", "release", "fail"])
def test_lease_of_another_agent_is_a_403_that_changes_nothing(
    stranger: Caller, lease: wire.LeaseAnswer, endpoint: str
) -> None:
    before = list(Attempt.objects.values())

    problem = assert_problem(
        stranger.post(f"agent/{endpoint}", messages(lease.lease_token)[endpoint]), 403, "foreign-lease"
    )

    assert "another agent" in problem.detail
    assert list(Attempt.objects.values()) == before


@pytest.mark.parametrize("endpoint", ["heartbeat", "release", "fail"])
@pytest.mark.parametrize("forged", ["nonsense", "zbl_1_1_" + "0" * 40, "zbl_" + "9" * 30 + "_1_" + "0" * 40])
def test_forged_lease_token_is_a_403(caller: Caller, lease: wire.LeaseAnswer, endpoint: str, forged: str) -> None:
    assert_problem(caller.post(f"agent/{endpoint}", messages(forged)[endpoint]), 403, "foreign-lease")


@pytest.mark.parametrize("endpoint", ["heartbeat", "release", "fail"])
def test_broken_json_is_a_400_and_a_missing_field_a_422(caller: Caller, lease: wire.LeaseAnswer, endpoint: str) -> None:
    before = list(Attempt.objects.values())

    assert_problem(caller.post(f"agent/{endpoint}", b'{"lease_token": '), 400, "parse-error")
    assert_problem(caller.post(f"agent/{endpoint}", {}), 422, "invalid-input")

    assert list(Attempt.objects.values()) == before


def test_nul_character_in_a_reason_is_a_422(caller: Caller, lease: wire.LeaseAnswer) -> None:
    message = messages(lease.lease_token)["fail"] | {"reason": "a\0b"}

    assert_problem(caller.post("agent/fail", message), 422, "invalid-input")


def log_of(lease: wire.LeaseAnswer) -> bytes:
    return bytes(AttemptLog.objects.get(attempt_id=lease.order.attempt_id).text)


def put(caller: Caller, lease: wire.LeaseAnswer, chunk: bytes, offset: Any) -> Any:
    return caller.put_log(chunk, lease_token=lease.lease_token, attempt=lease.order.attempt_id, offset=offset)


def test_log_grows_by_its_chunks_and_a_repeated_one_is_not_doubled(caller: Caller, lease: wire.LeaseAnswer) -> None:
    sizes = [put(caller, lease, chunk, offset).json()["size"] for chunk, offset in ((b"one\n", 0), (b"two\n", 4))]
    again = put(caller, lease, b"two\n", 4).json()["size"]

    assert (sizes, again) == ([4, 8], 8)
    assert log_of(lease) == b"one\ntwo\n"


def test_log_beyond_its_end_is_a_416_that_says_where_to_go_on(caller: Caller, lease: wire.LeaseAnswer) -> None:
    put(caller, lease, b"one\n", 0)

    response = put(caller, lease, b"three\n", 100)

    assert (response.status_code, response.json()["size"]) == (416, 4)
    assert log_of(lease) == b"one\n"


def test_log_for_another_attempt_than_the_leases_is_a_422(caller: Caller, lease: wire.LeaseAnswer) -> None:
    other = lease.order.attempt_id + 1

    assert_problem(caller.put_log(b"line", lease_token=lease.lease_token, attempt=other), 422, "invalid-input")
    assert not AttemptLog.objects.exists()


def test_log_of_another_agents_lease_is_a_403(stranger: Caller, lease: wire.LeaseAnswer) -> None:
    assert_problem(put(stranger, lease, b"line", 0), 403, "foreign-lease")

    assert not AttemptLog.objects.exists()


@pytest.mark.parametrize("offset", ["-1", "much", ""])
def test_offset_that_is_no_number_is_a_400(caller: Caller, lease: wire.LeaseAnswer, offset: str) -> None:
    assert_problem(put(caller, lease, b"line", offset), 400, "bad-request")


def test_too_long_log_is_a_413_that_keeps_what_is_there(caller: Caller, lease: wire.LeaseAnswer, settings: Any) -> None:
    settings.MAX_LOG_BYTES = 10
    put(caller, lease, b"12345678", 0)

    for chunk, offset in ((b"9 and more", 8), (b"12345678901", 0)):
        assert_problem(put(caller, lease, chunk, offset), 413, "too-large")

    assert log_of(lease) == b"12345678"


def test_released_run_says_that_its_agent_leaves_it_to_another(
    enrolled: tuple[Agent, Caller], caller: Caller, lease: wire.LeaseAnswer, anonymous: Caller
) -> None:
    other, _ = make_agent(owner=enrolled[0].owner, at=timezone.now())
    attach(other, at=timezone.now())

    released = caller.post("agent/release", wire.ReleaseRequest(lease_token=lease.lease_token, reason="stopped"))
    again = caller.post("agent/lease", lease_request())

    run = schema.OneRun.model_validate_json(anonymous.get(f"runs/{lease.order.run_id}/").content)
    assert (released.status_code, again.status_code) == (204, 204)
    assert run.turn.startswith(f"{enrolled[0].name} handed it back, so that another agent has it first until ")
    assert "; it is the next one; " in run.turn
    assert f"{other.name} can take it, last seen " in run.turn
    assert f"{enrolled[0].name} can" not in run.turn
