"""The lease endpoint that waits, in its real process."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from apps.core.api.schema import Problem
from apps.fleet.actions import drain_agent
from apps.fleet.models import Agent
from apps.runs.actions.campaigns import cancel_run
from apps.runs.models import Attempt, Run
from runners import wire
from tests.api.calls import row_counts
from tests.api.longpoll import longpoll_process
from tests.factories import device_offer, make_agent, make_runs, request_id, seed_catalogue
from tests.patience import PATIENCE
from tests.up.waiting import wait_until

WAKES_WITHIN_S = 0.25 * PATIENCE
WAITERS = 50
OFFER = device_offer()


@pytest.fixture(scope="module")
def url(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log_path = tmp_path_factory.mktemp("longpoll") / "log"
    with longpoll_process(log_path) as url:
        yield url
    log = log_path.read_text()
    assert "Error" not in log
    assert "error" not in log


@pytest.fixture
def agent(transactional_db: None) -> tuple[Agent, str]:
    seed_catalogue()
    return make_agent()


def lease(url: str, token: str, *, wait_s: float, body: bytes | None = None) -> httpx.Response:
    message = wire.LeaseRequest(
        request_id=request_id(), devices=[OFFER], wait_s=wait_s, runner_version="1.0", client_time=timezone.now()
    )
    content = message.model_dump_json().encode() if body is None else body
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return httpx.post(url, content=content, headers=headers, timeout=30, trust_env=False)


def seconds(call: Any, *args: Any, **options: Any) -> tuple[float, httpx.Response]:
    start = time.monotonic()
    response = call(*args, **options)
    return time.monotonic() - start, response


def listener_count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %%'")
        return int(cursor.fetchone()[0])


def connection_count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def is_seen(agent: Agent) -> bool:
    return Agent.objects.filter(pk=agent.pk, last_seen_at__gt=agent.last_seen_at).exists()


def test_run_that_is_there_is_given_at_once(url: str, agent: tuple[Agent, str]) -> None:
    [run] = make_runs(requested_by=agent[0].owner)

    took_s, response = seconds(lease, url, agent[1], wait_s=20)

    assert wire.LeaseAnswer.model_validate_json(response.content).order.run_id == run.pk
    assert took_s < 5


def test_no_run_is_a_204_after_the_wait(url: str, agent: tuple[Agent, str]) -> None:
    took_s, response = seconds(lease, url, agent[1], wait_s=0.6)

    assert (response.status_code, response.content) == (204, b"")
    assert 0.6 <= took_s < 3


def test_draining_agent_has_nothing_to_wait_for(url: str, agent: tuple[Agent, str]) -> None:
    drain_agent(agent=agent[0], by=agent[0].owner, at=timezone.now())

    took_s, response = seconds(lease, url, agent[1], wait_s=20)

    assert response.status_code == 204
    assert took_s < 5


def test_waiting_agent_gets_a_run_soon_after_it_was_committed(url: str, agent: tuple[Agent, str]) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lease, url, agent[1], wait_s=20)
        wait_until(lambda: is_seen(agent[0]) and listener_count() == 1)
        [run] = make_runs(requested_by=agent[0].owner)
        took_s, response = seconds(waiting.result, timeout=20)

    assert wire.LeaseAnswer.model_validate_json(response.content).order.run_id == run.pk
    assert took_s < WAKES_WITHIN_S


def test_one_listening_connection_serves_every_waiting_agent(url: str, agent: tuple[Agent, str]) -> None:
    with ThreadPoolExecutor(WAITERS) as pool:
        waiting: list[Future[httpx.Response]] = [pool.submit(lease, url, agent[1], wait_s=2.5) for _ in range(WAITERS)]
        wait_until(lambda: listener_count() == 1 and is_seen(agent[0]))
        # The web process's pool has at most 16 connections, which nobody holds while they wait.
        wait_until(lambda: not any(future.done() for future in waiting) and connection_count() <= 1 + 1 + 16)
        [run] = make_runs(requested_by=agent[0].owner)
        answers = [future.result(timeout=20) for future in waiting]

    given = [answer for answer in answers if answer.status_code == 200]
    assert [wire.LeaseAnswer.model_validate_json(answer.content).order.run_id for answer in given] == [run.pk]
    assert {answer.status_code for answer in answers} == {200, 204}
    assert Attempt.objects.count() == 1
    assert listener_count() == 1


def test_listener_comes_back_after_its_connection_broke(url: str, agent: tuple[Agent, str]) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lease, url, agent[1], wait_s=20)
        wait_until(lambda: is_seen(agent[0]) and listener_count() == 1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %%'")
        make_runs(requested_by=agent[0].owner)
        response = waiting.result(timeout=20)

    assert response.status_code == 200


def test_wrong_token_is_a_401_that_notes_nothing(url: str, agent: tuple[Agent, str]) -> None:
    before = row_counts()

    response = lease(url, "zba_wrong_token", wait_s=20)

    problem = Problem.model_validate_json(response.content)
    assert (response.status_code, problem.type) == (401, "authentication-failed")
    assert row_counts() == before


@pytest.mark.parametrize(
    ("body", "status", "type"),
    [(b"{", 400, "parse-error"), (b"{}", 422, "invalid-input"), (b'{"request_id": "a\\u0000"}', 422, "invalid-input")],
)
def test_body_that_is_no_lease_request_is_refused_at_once(
    url: str, agent: tuple[Agent, str], body: bytes, status: int, type: str
) -> None:
    response = lease(url, agent[1], wait_s=20, body=body)

    assert (response.status_code, Problem.model_validate_json(response.content).type) == (status, type)


def test_cancelled_run_wakes_nobody(url: str, agent: tuple[Agent, str]) -> None:
    [run] = make_runs(requested_by=agent[0].owner)
    cancel_run(run_id=run.pk, by=agent[0].owner, at=timezone.now())

    response = lease(url, agent[1], wait_s=0.2)

    assert response.status_code == 204
    assert Run.objects.get().state == "cancelled"
