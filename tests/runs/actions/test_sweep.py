from datetime import timedelta

import pytest
from django.conf import settings

from apps.runs.actions.leases import heartbeat
from apps.runs.actions.sweep import sweep
from apps.runs.models import Attempt, Run
from tests.factories import MODEL, NOW, OTHER_MODEL, make_campaign, make_leased, make_runs, make_user, token_of

pytestmark = pytest.mark.usefixtures("catalogue")

AFTER_LEASE = NOW + timedelta(seconds=settings.LEASE_S + 1)


def test_sweep_expands_a_campaign_whose_message_was_lost() -> None:
    campaign = make_campaign(requested_by=make_user(), models=[MODEL, OTHER_MODEL])

    sweep(at=NOW)

    assert campaign.runs.count() == 2


def test_sweep_takes_expired_leases_back_and_leaves_the_others() -> None:
    lost, kept = make_leased(), make_leased()
    heartbeat(agent=kept.agent, token=token_of(kept), progress=None, at=AFTER_LEASE)

    sweep(at=AFTER_LEASE)

    lost.refresh_from_db()
    kept.refresh_from_db()
    assert (lost.state, lost.run.state) == ("lost", "queued")
    assert (kept.state, kept.run.state) == ("running", "active")


def test_sweep_ends_an_attempt_that_heartbeats_for_ever() -> None:
    hanging, working = make_leased(), make_leased()
    overdue = hanging.overdue_at + timedelta(seconds=1)
    Attempt.objects.filter(pk=working.pk).update(leased_at=overdue - timedelta(hours=1))
    for attempt in (hanging, working):
        heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=overdue)

    for _ in range(2):
        sweep(at=overdue)

    hanging.refresh_from_db()
    working.refresh_from_db()
    assert (hanging.state, hanging.failure_kind, hanging.is_counted) == ("failed", "infrastructure", True)
    assert hanging.reason == "not finished after 1 h 52 min, the time limit of cpu-fp32-bs1"
    assert (hanging.run.state, hanging.run.counted_attempts) == ("queued", 1)
    assert hanging.device.is_healthy, "its agent saw no failure, so no self-check would ever follow"
    assert working.state == "running"


def test_sweep_says_why_runs_wait() -> None:
    make_runs(requested_by=make_user())
    Run.objects.update(blocked_by="")

    sweep(at=NOW)

    assert Run.objects.get().blocked_by == "no agent is registered"


def test_sweep_ranks_the_queue() -> None:
    first, second = make_runs(requested_by=make_user(), models=[MODEL, OTHER_MODEL])
    Run.objects.filter(pk=first.pk).update(share_rank=7)

    sweep(at=NOW)

    assert list(Run.objects.in_lease_order()) == [first, second]


def test_sweep_again_changes_nothing() -> None:
    make_leased()
    make_campaign(requested_by=make_user())
    sweep(at=AFTER_LEASE)
    before = list(Run.objects.order_by("id").values())

    sweep(at=AFTER_LEASE)

    assert list(Run.objects.order_by("id").values()) == before
