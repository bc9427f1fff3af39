from datetime import timedelta

import pytest
from django.conf import settings

from apps.fleet.models import Agent
from apps.runs.actions.leases import ForeignLease, LeaseOver, heartbeat, lease_run
from apps.runs.actions.outcomes import FREE_RELEASES, expire_attempt, fail_attempt, release_attempt
from apps.runs.candidates import load_fleet
from apps.runs.models import Attempt, Run
from apps.runs.returned import OTHERS_FIRST, returned_text
from apps.runs.waiting import turn_text
from runners import wire
from tests.factories import (
    NOW,
    attach,
    device_offer,
    lease,
    make_agent,
    make_leased,
    make_runs,
    make_user,
    request_id,
    token_of,
)

pytestmark = pytest.mark.usefixtures("catalogue")

AFTER_LEASE = NOW + timedelta(seconds=settings.LEASE_S + 1)
USER, ENGINE = wire.FailureKind.USER, wire.FailureKind.ENGINE
DEVICE, INFRASTRUCTURE = wire.FailureKind.DEVICE, wire.FailureKind.INFRASTRUCTURE


def _fail(attempt: Attempt, kind: wire.FailureKind, reason: str = "no luck") -> None:
    fail_attempt(agent=attempt.agent, token=token_of(attempt), kind=kind, reason=reason, at=NOW)


def _run(attempt: Attempt) -> Run:
    attempt.refresh_from_db()
    return Run.objects.get(pk=attempt.run_id)


def test_released_run_is_queued_again_and_not_counted() -> None:
    attempt = make_leased()

    release_attempt(agent=attempt.agent, token=token_of(attempt), reason="drained", at=NOW)

    run = _run(attempt)
    assert (run.state, run.counted_attempts) == ("queued", 0)
    assert (attempt.state, attempt.reason, attempt.is_counted, attempt.ended_at) == ("released", "drained", False, NOW)


def test_releasing_twice_is_the_same_as_once() -> None:
    attempt = make_leased()
    release_attempt(agent=attempt.agent, token=token_of(attempt), reason="first", at=NOW)

    release_attempt(agent=attempt.agent, token=token_of(attempt), reason="second", at=NOW)

    assert _run(attempt).state == "queued"
    assert attempt.reason == "first"


@pytest.mark.parametrize("kind", [USER, ENGINE])
def test_failure_that_would_repeat_fails_the_run(kind: wire.FailureKind) -> None:
    attempt = make_leased()

    _fail(attempt, kind, "operator Foo is missing")

    run = _run(attempt)
    assert (run.state, run.finished_at, run.counted_attempts) == ("failed", NOW, 1)
    assert run.failure == f"{attempt.agent.name}: {kind}: operator Foo is missing"
    assert (attempt.state, attempt.failure_kind) == ("failed", kind)


@pytest.mark.parametrize("kind", [DEVICE, INFRASTRUCTURE])
def test_failure_of_the_place_queues_the_run_again(kind: wire.FailureKind) -> None:
    attempt = make_leased()

    _fail(attempt, kind)

    run = _run(attempt)
    assert (run.state, run.counted_attempts, run.failure) == ("queued", 1, "")
    assert attempt.is_counted


def test_run_fails_after_three_counted_attempts_with_all_reasons() -> None:
    owner = make_user()
    [run] = make_runs(requested_by=owner)
    agent, _ = make_agent(owner=owner, name="bench-1")
    attachments = attach(agent, device_offer(), device_offer(), device_offer())

    for reason in ("too hot", "unplugged", "out of memory"):
        _fail(lease(agent, attachments), DEVICE, reason)

    run.refresh_from_db()
    assert (run.state, run.counted_attempts, run.fence) == ("failed", 3, 3)
    assert run.failure.splitlines() == [
        "bench-1: device: too hot",
        "bench-1: device: unplugged",
        "bench-1: device: out of memory",
    ]


def test_returned_run_goes_to_another_agent_first() -> None:
    attempt = make_leased()
    other, _ = make_agent(owner=attempt.agent.owner, name="bench-2")
    others = attach(other)
    mine = list(attempt.agent.attachments.all())
    release_attempt(agent=attempt.agent, token=token_of(attempt), reason="drained", at=NOW)

    again = lease_run(agent=attempt.agent, attachments=mine, request_id=request_id(), at=NOW)
    text = turn_text(_run(attempt), at=NOW)

    assert again is None
    assert text.startswith(
        f"{attempt.agent.name} handed it back, so that another agent has it first until 12:05:00 UTC;"
    )
    assert lease(other, others).run_id == attempt.run_id


def test_returned_run_that_all_handed_back_goes_to_whoever_asks() -> None:
    attempt = make_leased()
    other, _ = make_agent(owner=attempt.agent.owner)
    others, mine = attach(other), list(attempt.agent.attachments.all())
    release_attempt(agent=attempt.agent, token=token_of(attempt), reason="drained", at=NOW)
    second = lease(other, others)
    release_attempt(agent=other, token=token_of(second), reason="drained too", at=NOW)

    third = lease(attempt.agent, mine)

    assert third.run_id == attempt.run_id


def test_returned_run_that_nobody_took_meanwhile_comes_back_after_minutes() -> None:
    attempt = make_leased()
    attach(make_agent(owner=attempt.agent.owner)[0], at=NOW + OTHERS_FIRST)
    release_attempt(agent=attempt.agent, token=token_of(attempt), reason="drained", at=NOW)

    again = lease(attempt.agent, list(attempt.agent.attachments.all()), at=NOW + OTHERS_FIRST)

    assert again.run_id == attempt.run_id


@pytest.mark.parametrize("change", [{"status": "paused"}, {"last_seen_at": NOW - timedelta(days=1)}])
def test_returned_run_does_not_wait_for_an_agent_that_cannot_execute_it(change: dict[str, object]) -> None:
    attempt = make_leased()
    other, _ = make_agent(owner=attempt.agent.owner)
    attach(other)
    Agent.objects.filter(pk=other.pk).update(**change)
    release_attempt(agent=attempt.agent, token=token_of(attempt), reason="drained", at=NOW)

    again = lease(attempt.agent, list(attempt.agent.attachments.all()))

    assert again.run_id == attempt.run_id
    assert returned_text(_run(attempt), load_fleet(at=NOW), at=NOW) == ""


def test_uncounted_attempts_never_fail_a_run() -> None:
    owner = make_user()
    [run] = make_runs(requested_by=owner)
    agent, _ = make_agent(owner=owner)
    attachments = attach(agent)

    for _ in range(settings.MAX_COUNTED_ATTEMPTS + 1):
        release_attempt(agent=agent, token=token_of(lease(agent, attachments)), reason="drained", at=NOW)

    run.refresh_from_db()
    assert (run.state, run.counted_attempts) == ("queued", 0)


def test_failing_twice_is_the_same_as_once() -> None:
    attempt = make_leased()
    _fail(attempt, DEVICE, "first")

    _fail(attempt, USER, "second")

    assert (_run(attempt).state, attempt.reason) == ("queued", "first")


def test_failure_after_the_lease_is_over_is_refused() -> None:
    attempt = make_leased()
    expire_attempt(attempt_id=attempt.pk, at=AFTER_LEASE)

    with pytest.raises(LeaseOver, match="lost"):
        _fail(attempt, USER)

    assert _run(attempt).state == "queued"


def test_lease_of_another_agent_can_neither_be_released_nor_failed() -> None:
    attempt = make_leased()
    other, _ = make_agent()

    with pytest.raises(ForeignLease):
        release_attempt(agent=other, token=token_of(attempt), reason="", at=NOW)
    with pytest.raises(ForeignLease):
        fail_attempt(agent=other, token=token_of(attempt), kind=USER, reason="", at=NOW)

    assert _run(attempt).state == "active"


def test_lease_runs_out_after_its_last_heartbeat_and_counts() -> None:
    attempt = make_leased()
    heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=NOW)

    assert expire_attempt(attempt_id=attempt.pk, at=AFTER_LEASE)

    run = _run(attempt)
    assert (run.state, run.counted_attempts) == ("queued", 1)
    assert (attempt.state, attempt.reason) == ("lost", "no heartbeat since 12:00:00 UTC")


def test_lease_without_any_heartbeat_runs_out_and_does_not_count() -> None:
    attempt = make_leased()

    assert expire_attempt(attempt_id=attempt.pk, at=AFTER_LEASE)

    run = _run(attempt)
    assert (run.state, run.counted_attempts) == ("queued", 0)
    assert (attempt.state, attempt.is_counted) == ("lost", False)


def test_lease_that_is_not_over_does_not_run_out() -> None:
    attempt = make_leased()

    assert not expire_attempt(attempt_id=attempt.pk, at=attempt.expires_at)

    assert _run(attempt).state == "active"


def test_lease_runs_out_once() -> None:
    attempt = make_leased()
    heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=NOW)

    assert [expire_attempt(attempt_id=attempt.pk, at=AFTER_LEASE) for _ in range(2)] == [True, False]

    assert _run(attempt).counted_attempts == 1


def test_run_that_its_agent_hands_back_again_and_again_fails_in_the_end() -> None:
    user = make_user()
    [run] = make_runs(requested_by=user)
    agent, _ = make_agent(owner=user)
    attachments = attach(agent)

    for _ in range(FREE_RELEASES + settings.MAX_COUNTED_ATTEMPTS):
        release_attempt(agent=agent, token=token_of(lease(agent, attachments)), reason="not mine", at=NOW)

    run.refresh_from_db()
    assert (run.state, run.counted_attempts) == ("failed", settings.MAX_COUNTED_ATTEMPTS)
    assert "released: not mine" in run.failure
