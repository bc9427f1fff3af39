"""Every refusal of the agent API: the site gives the golden body, and the agent understands it."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.utils import timezone

from apps.fleet.models import Agent
from apps.runs.actions.outcomes import expire_attempt
from apps.runs.models import Attempt
from runners import wire
from runners.answers import ANSWERS, OTHER_REFUSAL, error_for
from runners.client import LEASE_HEADER
from tests.api.calls import AGENT_API, Caller
from tests.factories import attach, lease, make_runs, result_message, token_of
from tests.wire import golden

NOT_OURS = golden.read("heartbeat_request")["lease_token"]


def leased(agent: Agent) -> Attempt:
    make_runs(requested_by=agent.owner)
    return lease(agent, attach(agent))


def beat(token: str | None) -> wire.HeartbeatRequest:
    return wire.HeartbeatRequest(lease_token=token, client_time=timezone.now())


def unknown_parameter(agent: Agent, caller: Caller) -> Any:
    return caller.put_log(b"", lease_token=NOT_OURS, attempt=1, ofset=0)


def wrong_token(agent: Agent, caller: Caller) -> Any:
    return Caller(golden.read("enrol_answer")["token"]).post("agent/heartbeat", beat(None))


def wrong_code(agent: Agent, caller: Caller) -> Any:
    return Caller().post("agent/enroll", golden.read("enrol_request"))


def foreign_lease(agent: Agent, caller: Caller) -> Any:
    return caller.post("agent/heartbeat", golden.read("heartbeat_request"))


def unknown_artifact(agent: Agent, caller: Caller) -> Any:
    return caller.get(f"agent/artifacts/{'0' * 64}/model.onnx")


def lost_lease(agent: Agent, caller: Caller) -> Any:
    attempt = leased(agent)
    expire_attempt(attempt_id=attempt.pk, at=timezone.now())
    return caller.post("agent/heartbeat", beat(token_of(attempt)))


def other_result(agent: Agent, caller: Caller) -> Any:
    message = result_message(leased(agent))
    caller.post_result(message.model_dump_json().encode())
    return caller.post_result(message.model_copy(update={"runner_version": "2"}).model_dump_json().encode())


def long_log(agent: Agent, caller: Caller) -> Any:
    attempt = leased(agent)
    return caller.put_log(b"x" * (1 << 20) + b"x", lease_token=token_of(attempt), attempt=attempt.pk, offset=0)


def log_with_a_gap(agent: Agent, caller: Caller) -> Any:
    attempt = leased(agent)
    return caller.put_log(b"x", lease_token=token_of(attempt), attempt=attempt.pk, offset=7)


def wrong_fields(agent: Agent, caller: Caller) -> Any:
    return caller.post("agent/heartbeat", {"lease_token": 7})


def other_version(agent: Agent, caller: Caller) -> Any:
    return Caller().post("agent/enroll", golden.read("enrol_request") | {"wire_version": 9})


def too_many_calls(agent: Agent, caller: Caller) -> Any:
    return [Caller().post("agent/enroll", golden.read("enrol_request")) for _ in range(21)][-1]


PROVOKE: dict[str, Callable[[Agent, Caller], Any]] = dict(
    zip(
        golden.PROBLEMS,
        (
            unknown_parameter,
            wrong_token,
            wrong_code,
            foreign_lease,
            unknown_artifact,
            lost_lease,
            other_result,
            long_log,
            log_with_a_gap,
            wrong_fields,
            other_version,
            too_many_calls,
        ),
        strict=True,
    )
)


def without_seconds(body: Any) -> Any:
    """How long to wait depends on the moment."""
    return json.loads(re.sub(r"\d+ seconds?", "n seconds", json.dumps(body)))


@pytest.mark.parametrize("name", PROVOKE)
def test_the_site_refuses_with_the_golden_body(name: str, enrolled: tuple[Agent, Caller]) -> None:
    response = PROVOKE[name](*enrolled)

    assert response.status_code == golden.status_of(name)
    assert without_seconds(response.json()) == without_seconds(golden.read(name))


@pytest.mark.parametrize("name", PROVOKE)
def test_the_agent_understands_the_golden_body(name: str) -> None:
    body, status = golden.read(name), golden.status_of(name)
    request = httpx.Request("POST", "http://localhost/api/v1/agent/x")

    error = error_for(httpx.Response(status, json=body, request=request))

    assert type(error) is ANSWERS.get(status, OTHER_REFUSAL).error
    assert body["detail"].rstrip(".") in str(error)
    assert all(each["field"] in str(error) and each["message"] in str(error) for each in body["errors"])
    assert error.body == body


def test_a_piece_of_a_log_is_answered_as_the_golden_answer_says(enrolled: tuple[Agent, Caller]) -> None:
    attempt = leased(enrolled[0])
    text = b"x" * golden.read(golden.LOG_ANSWER)["size"]

    response = enrolled[1].put_log(text, lease_token=token_of(attempt), attempt=attempt.pk, offset=0)

    assert (response.status_code, response.json()) == (200, golden.read(golden.LOG_ANSWER))


def test_a_log_needs_the_header_of_the_lease(enrolled: tuple[Agent, Caller]) -> None:
    attempt, caller = leased(enrolled[0]), enrolled[1]
    path = f"{AGENT_API}log?attempt={attempt.pk}&offset=0"

    response = caller.client.put(path, b"x", content_type="text/plain", headers=caller.headers)

    assert LEASE_HEADER == "Zooboard-Lease"
    assert response.status_code == 403
