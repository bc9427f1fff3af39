"""What repeats by itself everything a lost message, a dead worker or a flushed Redis left undone."""

from datetime import datetime
from itertools import chain, repeat

from django.db.models import Count

from apps.runs.actions.campaigns import expand_campaign
from apps.runs.actions.leases import lost_attempt_ids, overdue_attempt_ids
from apps.runs.actions.outcomes import expire_attempt, stop_overdue
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import Campaign, Run
from apps.runs.notify import wake_agents


def sweep(*, at: datetime) -> None:
    """Take back leases that expired or are overdue, expand what was not, refresh the queue and wake agents.

    Safe at any time.
    """
    for attempt_id in lost_attempt_ids(at=at):
        expire_attempt(attempt_id=attempt_id, at=at)
    for attempt_id in overdue_attempt_ids(at=at):
        stop_overdue(attempt_id=attempt_id, at=at)
    for campaign_id in Campaign.objects.unexpanded().values_list("pk", flat=True):
        expand_campaign(campaign_id=campaign_id, at=at)
    if Run.objects.queued().exists():
        refresh_queue(at=at)
        _wake_for_what_waits()


def _wake_for_what_waits() -> None:
    """Each engine as often as runs wait for it; the database counts, since there may be thousands."""
    waiting = Run.objects.queued().filter(blocked_by="").order_by().values_list("engine").annotate(runs=Count("id"))
    wake_agents(chain.from_iterable(repeat(engine, runs) for engine, runs in waiting))
