from collections.abc import Callable

import pytest

from apps.accounts.models import AuditEntry
from apps.core.errors import NotAllowed
from apps.results.actions.accept import accept_attempt
from apps.results.models import Result
from apps.runs.actions.campaigns import cancel_campaign, cancel_run, expand_campaign
from apps.runs.actions.leases import heartbeat
from apps.runs.actions.outcomes import fail_attempt, release_attempt
from apps.runs.models import Attempt, Campaign, Run
from runners import wire
from tests.factories import (
    COMPLEXITY,
    MODEL,
    NOW,
    OTHER_MODEL,
    attach,
    device_offer,
    lease,
    make_agent,
    make_campaign,
    make_leased,
    make_runs,
    make_user,
    measure,
    submit,
    token_of,
)

pytestmark = pytest.mark.usefixtures("catalogue")


def _leave(attempt: Attempt) -> None:
    """As it was leased."""


def _start(attempt: Attempt) -> None:
    heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=NOW)


def _submit(attempt: Attempt) -> None:
    submit(attempt)


def _release(attempt: Attempt) -> None:
    release_attempt(agent=attempt.agent, token=token_of(attempt), reason="", at=NOW)


def _measure(attempt: Attempt) -> None:
    measure(attempt)


def _fail(attempt: Attempt) -> None:
    fail_attempt(agent=attempt.agent, token=token_of(attempt), kind=wire.FailureKind.USER, reason="", at=NOW)


@pytest.mark.parametrize(
    ("reach", "run_state", "attempt_state"),
    [
        (_leave, "cancelled", "cancelled"),
        (_start, "cancelled", "cancelled"),
        (_submit, "cancelled", "cancelled"),
        (_release, "cancelled", "released"),
        (_measure, "done", "accepted"),
        (_fail, "failed", "failed"),
    ],
)
def test_cancel_works_in_every_state(reach: Callable[[Attempt], None], run_state: str, attempt_state: str) -> None:
    attempt = make_leased()
    reach(attempt)

    for _ in range(2):
        cancel_run(run_id=attempt.run_id, by=attempt.agent.owner, at=NOW)

    attempt.refresh_from_db()
    assert (Run.objects.get().state, attempt.state) == (run_state, attempt_state)
    was_cancelled = run_state == "cancelled"
    assert AuditEntry.objects.filter(action="run.cancel").count() == was_cancelled


def test_cancelled_run_was_cancelled_at_a_time_and_waits_for_nothing() -> None:
    [run] = make_runs(requested_by=make_user())
    assert run.blocked_by

    cancel_run(run_id=run.pk, by=run.requested_by, at=NOW)

    run.refresh_from_db()
    assert (run.state, run.finished_at, run.blocked_by) == ("cancelled", NOW, "")


def test_result_of_a_run_cancelled_before_acceptance_is_not_accepted() -> None:
    attempt = make_leased()
    submit(attempt)
    cancel_run(run_id=attempt.run_id, by=attempt.agent.owner, at=NOW)

    assert not accept_attempt(attempt_id=attempt.pk, at=NOW)

    assert not Result.objects.exists()


def test_campaign_cancels_what_is_not_over_and_leaves_the_rest() -> None:
    owner = make_user()
    runs = make_runs(requested_by=owner, models=[MODEL, OTHER_MODEL, "MobileNetV1"], protocols=[COMPLEXITY])
    agent, _ = make_agent(owner=owner)
    done, leased = [lease(agent, [attachment]) for attachment in attach(agent, device_offer(), device_offer())]
    measure(done)

    counts = [cancel_campaign(campaign_id=done.run.campaign_id, by=owner, at=NOW) for _ in range(2)]

    assert counts == [2, 0]
    assert [Run.objects.get(pk=run.pk).state for run in runs] == ["done", "cancelled", "cancelled"]
    leased.refresh_from_db()
    assert (leased.state, leased.reason) == ("cancelled", f"cancelled by {owner.username}")
    assert AuditEntry.objects.get(action="campaign.cancel").detail == {"runs": 2}


def test_campaign_cancelled_before_its_runs_were_made_makes_none() -> None:
    campaign = make_campaign(requested_by=make_user())
    cancel_campaign(campaign_id=campaign.pk, by=campaign.requested_by, at=NOW)

    assert expand_campaign(campaign_id=campaign.pk, at=NOW) == 0

    assert not Run.objects.exists()
    assert not Campaign.objects.open().exists()


def test_only_who_asked_or_an_administrator_may_cancel() -> None:
    [run] = make_runs(requested_by=make_user())

    with pytest.raises(NotAllowed):
        cancel_run(run_id=run.pk, by=make_user(), at=NOW)
    with pytest.raises(NotAllowed):
        cancel_campaign(campaign_id=run.campaign_id, by=make_user(), at=NOW)
    cancel_run(run_id=run.pk, by=make_user(is_staff=True), at=NOW)

    run.refresh_from_db()
    assert run.state == "cancelled"
