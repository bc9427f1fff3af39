"""Real agents on a real site, both killed at the worst moments: nothing is lost, nothing counts twice."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from runners.answers import TokenRejectedError
from tests.e2e.stack import COMPLEXITY, COUNTED, DONE_WITHIN_S, LATENCY, LEASE_S, MODELS, TIMED, Stack, states
from tests.e2e.waiting import wait_until

pytestmark = pytest.mark.timeout(720)

MODEL = MODELS[0]


@contextmanager
def uploads_held(stack: Stack) -> Iterator[None]:
    """Results hang on their way into the database until the block is left."""
    with psycopg.connect(stack.postgres.url) as connection:
        connection.execute("LOCK TABLE runs_upload IN SHARE ROW EXCLUSIVE MODE")
        yield


def wait_for_hanging_upload(stack: Stack) -> None:
    """Wait until the web process is in the middle of storing a result."""
    waiting = "SELECT 1 FROM pg_locks WHERE relation = 'runs_upload'::regclass AND NOT granted"
    wait_until(lambda: stack.sql(waiting), DONE_WITHIN_S)


def test_run_of_a_killed_agent_is_finished_by_another_one(stack: Stack) -> None:
    first, second = stack.agent(), stack.agent()
    first.start()
    run_id = stack.ask_for_run(MODEL, LATENCY)
    first.wait_until_it_says("process 1/5")

    first.kill()
    second.start()
    run = stack.wait_for_run(run_id)

    assert states(run) == ["lost", "accepted"]
    assert [attempt["agent"] for attempt in run["attempts"]] == [first.name, second.name]
    assert "no heartbeat since" in run["attempts"][0]["reason"]
    assert len(stack.results_of(run_id)) == len(TIMED)
    page = stack.page(f"/runs/{run_id}")
    assert all(text in page for text in (first.name, second.name, "no heartbeat since"))


def test_restarted_agent_says_at_once_that_it_was_killed(stack: Stack) -> None:
    agent = stack.agent(is_simulated=True)
    agent.start()
    run_id = stack.ask_for_run(MODEL, LATENCY, engine="stub")
    agent.wait_until_it_says("process 1/5")

    agent.kill()
    agent.start()
    stack.wait_for_attempt(run_id, "running", number=2)

    [killed, again] = stack.run(run_id)["attempts"]
    assert (killed["state"], killed["failure_kind"], killed["is_counted"]) == ("failed", "infrastructure", True)
    assert "killed in mid-run" in killed["reason"]
    assert again["agent"] == agent.name


def test_result_of_an_agent_that_was_killed_before_its_upload_is_uploaded_by_the_next_start(stack: Stack) -> None:
    agent = stack.agent()
    agent.start()
    with uploads_held(stack):
        run_id = stack.ask_for_run(MODEL, COMPLEXITY)
        wait_for_hanging_upload(stack)
        agent.kill()

    agent.start()
    run = stack.wait_for_run(run_id)

    assert states(run) == ["accepted"]
    assert len(stack.results_of(run_id)) == len(COUNTED)


def test_upload_that_takes_longer_than_a_lease_is_accepted(stack: Stack) -> None:
    agent = stack.agent()
    agent.start()
    with uploads_held(stack):
        run_id = stack.ask_for_run(MODEL, COMPLEXITY)
        wait_for_hanging_upload(stack)
        kept = "SELECT 1 FROM runs_attempt WHERE run_id = %s AND last_heartbeat_at > leased_at + interval '1 s' * %s"
        wait_until(lambda: stack.sql(kept, run_id, LEASE_S + 1), 3 * LEASE_S)

    run = stack.wait_for_run(run_id)

    assert states(run) == ["accepted"]


def test_result_arrives_after_the_site_was_killed_during_its_upload(stack: Stack) -> None:
    agent = stack.agent()
    agent.start()
    with uploads_held(stack):
        run_id = stack.ask_for_run(MODEL, COMPLEXITY)
        wait_for_hanging_upload(stack)
        stack.kill("web")
        # However long the site takes to start.
        stack.sql("UPDATE runs_attempt SET expires_at = expires_at + interval '1 hour' WHERE run_id = %s", run_id)
        agent.wait_until_it_says("A result waits on this disk")

    stack.start("web")
    run = stack.wait_for_run(run_id)

    assert states(run) == ["accepted"]
    assert len(stack.results_of(run_id)) == len(COUNTED)


def test_result_that_comes_after_its_lease_is_quarantined_and_the_run_tried_again(stack: Stack) -> None:
    agent = stack.agent()
    agent.start()
    with uploads_held(stack):
        run_id = stack.ask_for_run(MODEL, COMPLEXITY)
        wait_for_hanging_upload(stack)
        stack.kill("web")
    lost = "SELECT 1 FROM runs_attempt WHERE run_id = %s AND state = 'lost'"
    wait_until(lambda: stack.sql(lost, run_id), 4 * LEASE_S)

    stack.start("web")
    run = stack.wait_for_run(run_id)

    assert states(run) == ["quarantined", "accepted"]
    assert "arrived after the lease was over" in run["attempts"][0]["reason"]
    assert len(stack.results_of(run_id)) == len(COUNTED)


def test_flushed_valkey_loses_no_campaign(stack: Stack) -> None:
    stack.kill("worker")
    campaign = stack.ask_for(MODELS, [COMPLEXITY])

    stack.flush_valkey()
    stack.start("worker")
    stack.agent().start()

    finished = [stack.wait_for_run(run["id"]) for run in stack.runs(campaign)]
    assert [states(run) for run in finished] == [["accepted"]] * len(MODELS)


def test_killed_valkey_loses_no_run(stack: Stack) -> None:
    before = stack.ask_for(MODELS[:2], [COMPLEXITY])

    stack.restart_valkey()
    after = stack.ask_for(MODELS[2:], [COMPLEXITY])
    stack.agent().start()

    def are_done() -> bool:
        # A worker that loses its broker in the middle of a task ends, and relies on being started again.
        stack.revive()
        return all(stack.get(f"/api/v1/campaigns/{id}/")["runs"]["done"] == 2 for id in (before, after))

    wait_until(are_done, DONE_WITHIN_S)
    finished = [stack.run(run["id"]) for run in stack.runs(before) + stack.runs(after)]
    assert [states(run) for run in finished] == [["accepted"]] * len(MODELS)


def test_result_that_waits_for_a_killed_worker_is_accepted_once(stack: Stack) -> None:
    run_ids = [int(run["id"]) for run in stack.runs(stack.ask_for(MODELS[:2], [COMPLEXITY]))]
    stack.kill("worker")
    stack.agent().start()
    for run_id in run_ids:
        stack.wait_for_attempt(run_id, "submitted")

    stack.start("worker")
    finished = [stack.wait_for_run(run_id) for run_id in run_ids]

    assert [states(run) for run in finished] == [["accepted"]] * 2
    assert [len(stack.results_of(run_id)) for run_id in run_ids] == [len(COUNTED)] * 2


def test_revoked_agent_stops_at_its_next_call_and_exits(stack: Stack) -> None:
    agent = stack.agent(is_simulated=True)
    agent.start()
    run_id = stack.ask_for_run(MODEL, LATENCY, engine="stub")
    agent.wait_until_it_says("process 1/5")

    stack.sql("UPDATE fleet_agent SET status = 'revoked', revoked_at = now() WHERE public_id = %s", agent.public_id)
    wait_until(lambda: agent.exit_code is not None, 10)

    assert agent.exit_code == TokenRejectedError.exit_code == 3
    assert "answered 401" in agent.log()
    assert stack.results_of(run_id) == []
