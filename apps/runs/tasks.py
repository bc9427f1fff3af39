"""Background work of the life cycle. Tasks take ids and may run twice; none spans a run."""

from celery import shared_task
from django.utils import timezone

from apps.runs.actions import campaigns, schedules
from apps.runs.actions import sweep as sweeping


@shared_task  # type: ignore[untyped-decorator]
def dispatch(campaign_id: int) -> None:
    campaigns.expand_campaign(campaign_id=campaign_id, at=timezone.now())


@shared_task  # type: ignore[untyped-decorator]
def sweep() -> None:
    sweeping.sweep(at=timezone.now())


@shared_task  # type: ignore[untyped-decorator]
def start_due_schedules() -> None:
    now = timezone.now()
    for campaign_id in schedules.start_due(at=now):
        campaigns.expand_campaign(campaign_id=campaign_id, at=now)
