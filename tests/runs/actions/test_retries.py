import pytest

from apps.accounts.models import AuditEntry
from apps.core.errors import NotAllowed
from apps.runs.actions.campaigns import cancel_run
from apps.runs.actions.outcomes import fail_attempt
from apps.runs.actions.retries import NotFailed, retry_campaign, retry_run
from apps.runs.models import Attempt, Run
from runners import wire
from tests.factories import (
    MODEL,
    NOW,
    OTHER_MODEL,
    attach,
    lease,
    make_agent,
    make_leased,
    make_runs,
    make_user,
    token_of,
)

pytestmark = pytest.mark.usefixtures("catalogue")


def _fail(attempt: Attempt, reason: str = "no luck") -> None:
    fail_attempt(agent=attempt.agent, token=token_of(attempt), kind=wire.FailureKind.ENGINE, reason=reason, at=NOW)


def test_failed_run_is_queued_with_a_new_budget_and_its_history() -> None:
    attempt = make_leased()
    _fail(attempt)

    for _ in range(2):
        retry_run(run_id=attempt.run_id, by=attempt.agent.owner, at=NOW)

    run = Run.objects.get()
    assert (run.state, run.counted_attempts, run.failure, run.finished_at) == ("queued", 0, "", None)
    assert [a.reason for a in run.attempts.all()] == ["no luck"]
    assert AuditEntry.objects.filter(action="run.retry").count() == 1


def test_run_that_fails_again_says_why_this_time() -> None:
    attempt = make_leased()
    _fail(attempt, "the first time")
    retry_run(run_id=attempt.run_id, by=attempt.agent.owner, at=NOW)

    _fail(lease(attempt.agent, list(attempt.agent.attachments.all())), "the second time")

    run = Run.objects.get()
    assert (run.state, run.failure) == ("failed", f"{attempt.agent.name}: engine: the second time")
    assert run.attempts.count() == 2


def test_campaign_tries_its_failed_runs_again_and_leaves_the_rest() -> None:
    owner = make_user()
    first, second = make_runs(requested_by=owner, models=[MODEL, OTHER_MODEL])
    agent, _ = make_agent(owner=owner)
    _fail(lease(agent, attach(agent)))
    cancel_run(run_id=second.pk, by=owner, at=NOW)

    counts = [retry_campaign(campaign_id=first.campaign_id, by=owner, at=NOW) for _ in range(2)]

    assert counts == [1, 0]
    assert list(Run.objects.order_by("id").values_list("state", flat=True)) == ["queued", "cancelled"]
    assert AuditEntry.objects.get(action="campaign.retry").detail == {"runs": 1}


def test_retried_run_takes_the_artifact_that_came_since() -> None:
    attempt = make_leased()
    _fail(attempt)
    artifact = attempt.run.artifact
    assert artifact is not None
    newer = type(artifact).objects.get(pk=artifact.pk)
    newer.pk, newer.sha256 = None, "f" * 64
    newer.save()

    retry_run(run_id=attempt.run_id, by=attempt.agent.owner, at=NOW)

    assert Run.objects.get().artifact == newer


def test_run_that_did_not_fail_is_not_tried_again() -> None:
    [run] = make_runs(requested_by=make_user())
    cancel_run(run_id=run.pk, by=run.requested_by, at=NOW)

    with pytest.raises(NotFailed, match="is cancelled: only a failed run"):
        retry_run(run_id=run.pk, by=run.requested_by, at=NOW)


def test_only_who_asked_or_an_administrator_tries_again() -> None:
    attempt = make_leased()
    _fail(attempt)

    for call in (
        lambda by: retry_run(run_id=attempt.run_id, by=by, at=NOW),
        lambda by: retry_campaign(campaign_id=attempt.run.campaign_id, by=by, at=NOW),
    ):
        with pytest.raises(NotAllowed, match="may try it again"):
            call(make_user())
    retry_run(run_id=attempt.run_id, by=make_user(is_staff=True), at=NOW)

    assert Run.objects.get().state == "queued"
