"""What a queued run waits for that nothing blocks: its turn."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from apps.runs.models import Attempt, Run
from apps.runs.returned import returned_text

NAMED_DEVICES = 3


def turn_text(run: Run, *, at: datetime | None = None) -> str:
    """Who handed it back, how many runs go before it, and which devices that could execute it are busy.

    Wants the run's protocol loaded.
    """
    before = Run.objects.queued().filter(_earlier(run), blocked_by="").count()
    text = "it is the next one" if not before else f"{before:,} run{'s go' if before > 1 else ' goes'} before it"
    busy = Attempt.objects.live().filter(_device_of(run)).select_related("agent", "device__kind").order_by("id")
    names = [f"the {a.device.kind.title} of {a.agent.name} is busy with run {a.run_id}" for a in busy[:NAMED_DEVICES]]
    handed_back = returned_text(run, at=at or timezone.now())
    return "; ".join([*filter(None, [handed_back]), text, *names])


def _earlier(run: Run) -> Q:
    """Before it in lease order."""
    same = Q(priority=run.priority, share_rank=run.share_rank)
    return (
        Q(priority__lt=run.priority)
        | Q(priority=run.priority, share_rank__lt=run.share_rank)
        | (same & (Q(queued_at__lt=run.queued_at) | Q(queued_at=run.queued_at, pk__lt=run.pk)))
    )


def _device_of(run: Run) -> Q:
    if run.device_kind_id is not None:
        return Q(device__kind=run.device_kind_id)
    return Q(device__kind__category=run.protocol.category) if run.protocol.category else Q()
