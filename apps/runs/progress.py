"""How far a campaign is: counts, the estimated end, and what is blocked and why."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Avg, Count, F, Q

from apps.runs.estimate import Estimate, Lane, Pace, estimate_end
from apps.runs.models import OPEN_STATES, Attempt, AttemptState, Campaign, Run, RunState


@dataclass
class Blockage:
    """Runs that wait for the same thing. `models` names those whose lack it is, where the reason names a model."""

    reason: str
    runs: int = 0
    models: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Progress:
    """`counts` has every state; `blocked` are some of the queued."""

    counts: dict[str, int]
    blocked: int
    blockages: list[Blockage]
    estimate: Estimate | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def is_over(self) -> bool:
        return not any(self.counts[state] for state in OPEN_STATES)


def load_progress(campaign: Campaign, *, at: datetime) -> Progress:
    """Four queries, however many runs there are."""
    blockages = _blockages(campaign)
    states = Run.objects.filter(campaign=campaign).order_by().values_list("state").annotate(count=Count("id"))
    return Progress(
        counts=dict.fromkeys(RunState.values, 0) | dict(states),
        blocked=sum(blockage.runs for blockage in blockages),
        blockages=blockages,
        estimate=estimate_end(_waiting(campaign), _paces(campaign), at=at),
    )


def _blockages(campaign: Campaign) -> list[Blockage]:
    """The most frequent reason first."""
    blocked = Run.objects.queued().filter(campaign=campaign).exclude(blocked_by="").order_by("network_id")
    found: dict[str, Blockage] = {}
    for reason, model, count in blocked.values_list("blocked_by", "network__name").annotate(count=Count("id")):
        # "no paddle-lite artifact of MobileNetV1" and of thirty others is one reason.
        shared = reason.replace(f" of {model}", "")
        blockage = found.setdefault(shared, Blockage(shared))
        blockage.runs += count
        if shared != reason:
            blockage.models.append(model)
    return sorted(found.values(), key=lambda blockage: (-blockage.runs, blockage.reason))


def _waiting(campaign: Campaign) -> dict[Lane, int]:
    open_runs = Run.objects.filter(Q(state=RunState.ACTIVE) | Q(state=RunState.QUEUED, blocked_by=""))
    counts = open_runs.filter(campaign=campaign).order_by().values_list("device_kind", "protocol__category")
    return {(kind, category): count for kind, category, count in counts.annotate(count=Count("id"))}


def _paces(campaign: Campaign) -> list[Pace]:
    accepted = Attempt.objects.filter(run__campaign=campaign, state=AttemptState.ACCEPTED)
    groups = accepted.order_by().values_list("run__device_kind", "run__protocol__category", "device")
    took = groups.annotate(runs=Count("id"), mean=Avg(F("ended_at") - F("leased_at")))
    return [Pace((kind, category), device, runs, mean) for kind, category, device, runs, mean in took]
