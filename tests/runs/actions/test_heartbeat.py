from datetime import timedelta

import pytest
from django.conf import settings

from apps.runs.actions.campaigns import cancel_run
from apps.runs.actions.leases import ForeignLease, LeaseOver, heartbeat
from apps.runs.actions.outcomes import expire_attempt, release_attempt
from apps.runs.leases import Lease, lease_token
from runners import wire
from tests.factories import NOW, make_agent, make_leased, token_of

pytestmark = pytest.mark.usefixtures("catalogue")

LEASE = timedelta(seconds=settings.LEASE_S)
LATER = NOW + timedelta(seconds=20)


def test_heartbeat_extends_the_lease_and_starts_the_attempt() -> None:
    attempt = make_leased()

    expires_at = heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=LATER)

    attempt.refresh_from_db()
    assert expires_at == attempt.expires_at == LATER + LEASE
    assert (attempt.state, attempt.first_heartbeat_at, attempt.last_heartbeat_at) == ("running", LATER, LATER)


def test_later_heartbeats_keep_the_first_time_and_the_last_progress() -> None:
    attempt = make_leased()
    progress = wire.Progress(phase="measure", done=3, total=5)
    heartbeat(agent=attempt.agent, token=token_of(attempt), progress=progress, at=NOW)

    heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=LATER)

    attempt.refresh_from_db()
    assert (attempt.first_heartbeat_at, attempt.last_heartbeat_at) == (NOW, LATER)
    assert attempt.progress == {"phase": "measure", "done": 3, "total": 5, "detail": ""}


def test_heartbeat_of_another_agent_is_refused() -> None:
    attempt = make_leased()
    other, _ = make_agent()

    with pytest.raises(ForeignLease, match="another agent"):
        heartbeat(agent=other, token=token_of(attempt), progress=None, at=LATER)


def test_lease_token_that_we_did_not_sign_is_refused() -> None:
    attempt = make_leased()
    kind, attempt_id, fence, signature = token_of(attempt).split("_")
    forged = [
        f"{kind}_{attempt_id}_{int(fence) + 1}_{signature}",
        f"{kind}_{int(attempt_id) + 1}_{fence}_{signature}",
        f"{kind}_{attempt_id}_{fence}_{'0' * len(signature)}",
        f"{kind}_{attempt_id}_{fence}_{signature}_x",
        f"{kind}_{attempt_id}_{fence}",
        f"{kind}_-1_{fence}_{signature}",
        f"{kind}_{'9' * 5000}_{fence}_{signature}",
        f"{kind}_²_{fence}_{signature}",
        "",
    ]

    for token in forged:
        with pytest.raises(ForeignLease, match="not given out by this site"):
            heartbeat(agent=attempt.agent, token=token, progress=None, at=LATER)


def test_lease_token_of_another_fence_is_refused_even_when_signed() -> None:
    attempt = make_leased()

    with pytest.raises(ForeignLease):
        heartbeat(agent=attempt.agent, token=lease_token(Lease(attempt.pk, attempt.fence + 1)), progress=None, at=LATER)


def test_heartbeat_of_an_expired_lease_keeps_it_while_nobody_took_it_back() -> None:
    attempt = make_leased()

    late = NOW + 2 * LEASE

    assert heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=late) == late + LEASE


def test_heartbeat_after_the_lease_was_taken_back_says_stop() -> None:
    attempt = make_leased()
    expire_attempt(attempt_id=attempt.pk, at=NOW + 2 * LEASE)

    with pytest.raises(LeaseOver, match="lost"):
        heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=NOW + 2 * LEASE)


def test_heartbeat_after_a_release_says_stop() -> None:
    attempt = make_leased()
    release_attempt(agent=attempt.agent, token=token_of(attempt), reason="", at=NOW)

    with pytest.raises(LeaseOver, match="released"):
        heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=LATER)


def test_heartbeat_learns_of_a_cancelled_run() -> None:
    attempt = make_leased()
    cancel_run(run_id=attempt.run_id, by=attempt.agent.owner, at=NOW)

    assert heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=LATER) is None
