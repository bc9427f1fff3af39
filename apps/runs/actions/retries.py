"""Trying failed runs again: a new budget of attempts, the history kept."""

from datetime import datetime

from django.db import transaction

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.catalog.artifacts import find_artifact
from apps.core.errors import Conflict
from apps.runs.actions.campaigns import check_is_asker
from apps.runs.actions.queue import lock_queue, refresh_queue
from apps.runs.models import Campaign, Run, RunState
from apps.runs.models.run import RunQuerySet
from apps.runs.notify import wake_agents


class NotFailed(Conflict):
    type = "run-not-failed"
    title = "The run has not failed"


@transaction.atomic
def retry_run(*, run_id: int, by: User, at: datetime) -> None:
    """Queue a failed run again; one that is open already stays so. Raises NotFailed for one that ended otherwise."""
    run = Run.objects.select_for_update().get(pk=run_id)
    check_is_asker(run, by=by, what="try it again")
    if run.is_open:
        return
    if run.state != RunState.FAILED:
        raise NotFailed(f"Run {run.pk} is {run.state}: only a failed run is tried again.")
    _requeue(Run.objects.filter(pk=run.pk), at=at)
    record_audit(actor=by, action="run.retry", subject=str(run.pk), at=at)


@transaction.atomic
def retry_campaign(*, campaign_id: int, by: User, at: datetime) -> int:
    """Queue every failed run of a campaign again. Returns how many there were."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    check_is_asker(campaign, by=by, what="try it again")
    lock_queue()
    count = _requeue(Run.objects.filter(campaign=campaign), at=at)
    if count:
        record_audit(actor=by, action="campaign.retry", subject=str(campaign.pk), at=at, runs=count)
    return count


def _requeue(runs: RunQuerySet, *, at: datetime) -> int:
    failed = runs.filter(state=RunState.FAILED).select_related("network", "protocol").order_by("pk")
    again = list(failed.select_for_update(of=("self",)))
    for run in again:
        run.state, run.finished_at, run.failure = RunState.QUEUED, None, ""
        run.counted_attempts, run.queued_at = 0, at
        # The file may have been why it failed; a better one may have come since.
        run.artifact = find_artifact(network=run.network, engine=run.engine, protocol=run.protocol)
    fields = ["state", "finished_at", "failure", "counted_attempts", "queued_at", "artifact"]
    Run.objects.bulk_update(again, fields, batch_size=500)
    if again:
        refresh_queue(at=at)
        wake_agents(run.engine for run in again)
    return len(again)
