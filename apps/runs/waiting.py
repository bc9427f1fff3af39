"""What a queued run waits for that nothing blocks: its turn."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from apps.runs.blocked import able, why_blocked
from apps.runs.candidates import Candidate, load_fleet
from apps.runs.models import Attempt, Run
from apps.runs.returned import returned, returned_text

NAMED = 3


def turn_text(run: Run, *, at: datetime | None = None) -> str:
    """Who handed it back, how many runs go before it, who is busy meanwhile, and who takes it by asking next.

    What blocks it since the queue was looked at last goes before all that. Wants the run's protocol loaded.
    """
    at = at or timezone.now()
    fleet = load_fleet(at=at)
    if reason := why_blocked(run, fleet):
        return reason
    before = Run.objects.queued().filter(_earlier(run), blocked_by="").count()
    text = "it is the next one" if not before else f"{before:,} run{'s go' if before > 1 else ' goes'} before it"
    handed_back = returned_text(run, fleet, at=at)
    if handed_back:
        fleet = fleet.without({attempt.agent_id for attempt in returned(run, at=at)})
    return "; ".join([*filter(None, [handed_back]), text, *_who(able(run, fleet))])


def _who(candidates: Sequence[Candidate]) -> Iterator[str]:
    """An agent executes one run at a time, and a device may be behind several agents."""
    of_device = Q(device__in={c.device_id for c in candidates})
    live = Attempt.objects.live().filter(of_device | Q(agent__in={c.agent_id for c in candidates}))
    busy = list(live.select_related("agent", "device_kind").order_by("id"))
    yield from _some(f"the {a.device_kind.title} of {a.agent.name} is busy with run {a.run_id}" for a in busy)
    held = {(None, a.agent_id) for a in busy} | {(a.device_id, None) for a in busy}
    idle = [c for c in candidates if held.isdisjoint({(None, c.agent_id), (c.device_id, None)})]
    yield from _some(f"{c.agent_name} can take it, last seen {c.last_seen_at:%H:%M:%S} UTC" for c in idle)


def _some(texts: Iterable[str]) -> list[str]:
    """Each once, and no more of them than somebody reads."""
    return list(dict.fromkeys(texts))[:NAMED]


def _earlier(run: Run) -> Q:
    """Before it in lease order."""
    same = Q(priority=run.priority, share_rank=run.share_rank)
    return (
        Q(priority__lt=run.priority)
        | Q(priority=run.priority, share_rank__lt=run.share_rank)
        | (same & (Q(queued_at__lt=run.queued_at) | Q(queued_at=run.queued_at, pk__lt=run.pk)))
    )
