"""Enrolment and tokens of agents over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.core.api.schema import Problem
from apps.fleet.actions import create_enrolment_code, revoke_agent
from apps.fleet.models import Agent
from runners import wire
from tests.api.calls import Caller, assert_problem, row_counts
from tests.factories import make_user

pytestmark = pytest.mark.usefixtures("catalogue")


def new_code(**age: float) -> str:
    return create_enrolment_code(owner=make_user(), at=timezone.now() - timedelta(**age))


def request(code: str, **changes: Any) -> dict[str, Any]:
    return {"code": code, "name": "lab-1", "runner_version": "1.0", "wire_version": wire.WIRE_VERSION, **changes}


def heartbeat() -> wire.HeartbeatRequest:
    return wire.HeartbeatRequest(client_time=timezone.now())


def test_code_becomes_an_agent_whose_token_works_at_once(anonymous: Caller) -> None:
    response = anonymous.post("agent/enroll", request(new_code()))

    answer = wire.EnrolAnswer.model_validate_json(response.content)
    beat = wire.HeartbeatAnswer.model_validate_json(Caller(answer.token).post("agent/heartbeat", heartbeat()).content)
    assert response.status_code == 201
    assert (answer.name, beat.action) == ("lab-1", "continue")
    assert beat.settings.lease_url == answer.settings.lease_url
    assert answer.token.split("_")[2] not in Agent.objects.get(public_id=answer.agent_id).digest


def test_used_code_is_a_403_that_says_to_make_a_new_one(anonymous: Caller) -> None:
    code = new_code()
    anonymous.post("agent/enroll", request(code))
    before = row_counts()

    problem = assert_problem(anonymous.post("agent/enroll", request(code)), 403, "enrolment-code-refused")

    assert "create a new one" in problem.detail
    assert row_counts() == before


def test_wrong_and_expired_codes_are_a_403_that_changes_nothing(anonymous: Caller) -> None:
    expired = new_code(minutes=16)
    before = row_counts()

    for code in ("zbe_nothing_like_it", expired):
        assert_problem(anonymous.post("agent/enroll", request(code)), 403, "enrolment-code-refused")

    assert row_counts() == before


@pytest.mark.parametrize("name", ["../etc", "", "a b", "a\0b", "x" * 101])
def test_name_that_could_be_a_path_is_a_422_and_the_code_stays_good(anonymous: Caller, name: str) -> None:
    code = new_code()

    assert_problem(anonymous.post("agent/enroll", request(code, name=name)), 422, "invalid-input")

    assert anonymous.post("agent/enroll", request(code)).status_code == 201


@pytest.mark.parametrize("version", [wire.WIRE_VERSION + 1, -1])
def test_other_wire_version_is_a_426_and_the_code_stays_good(anonymous: Caller, version: int) -> None:
    code = new_code()

    problem = assert_problem(
        anonymous.post("agent/enroll", request(code, wire_version=version)), 426, "upgrade-required"
    )

    assert "zooboard-runner" in problem.detail
    assert anonymous.post("agent/enroll", request(code)).status_code == 201


def test_too_many_tries_are_a_429_that_says_when_to_come_back(anonymous: Caller) -> None:
    for _ in range(20):
        anonymous.post("agent/enroll", request("guessed-code"))
    code = new_code()

    response = anonymous.post("agent/enroll", request(code))

    assert_problem(response, 429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 60
    assert not Agent.objects.exists()


def test_broken_json_is_a_400(anonymous: Caller) -> None:
    assert_problem(anonymous.post("agent/enroll", b"{"), 400, "parse-error")


def test_revoked_agent_is_a_401_at_its_next_call(enrolled: tuple[Agent, Caller]) -> None:
    agent, caller = enrolled
    assert caller.post("agent/heartbeat", heartbeat()).status_code == 200

    revoke_agent(agent=agent, by=None, at=timezone.now())

    problem = assert_problem(caller.post("agent/heartbeat", heartbeat()), 401, "authentication-failed")
    assert "enrol" in problem.detail


def test_rotated_token_replaces_the_old_one(enrolled: tuple[Agent, Caller]) -> None:
    _, caller = enrolled

    answer = wire.RotateAnswer.model_validate_json(caller.post("agent/rotate", b"").content)

    assert Caller(answer.token).post("agent/heartbeat", heartbeat()).status_code == 200
    assert_problem(caller.post("agent/heartbeat", heartbeat()), 401, "authentication-failed")


def test_enrolment_of_more_bytes_than_anybody_needs_is_a_413(anonymous: Caller, settings: Any) -> None:
    settings.MAX_JSON_BYTES = 1_000

    response = anonymous.post("agent/enroll", b'{"code": "' + b"x" * 2_000 + b'"}')

    assert_problem(response, 413, "too-large")


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"code": ' + b"[" * 900 + b"]" * 900 + b"}"])
def test_enrolment_nested_without_end_is_refused_and_breaks_nothing(anonymous: Caller, body: bytes) -> None:
    response = anonymous.post("agent/enroll", body)

    assert response.status_code in (400, 422)
    assert Problem.model_validate_json(response.content).type in ("parse-error", "invalid-input")


def test_enrolment_goes_on_while_the_cache_is_away(anonymous: Caller, settings: Any) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}

    response = anonymous.post("agent/enroll", request(new_code()))

    assert response.status_code == 201
