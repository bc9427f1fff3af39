"""A run that an agent handed back goes to another agent first, where there is one that can execute it."""

from datetime import datetime, timedelta

from apps.fleet.models import Agent
from apps.runs.blocked import why_blocked
from apps.runs.candidates import Fleet, load_fleet
from apps.runs.models import Attempt, AttemptState, Run, RunState

OTHERS_FIRST = timedelta(minutes=5)
"""So long after it handed a run back an agent leaves it to others; then it may try again."""


def left_to_others(*, agent: Agent, at: datetime) -> list[int]:
    """Queued runs that the agent handed back lately and that somebody else can execute."""
    ids = Attempt.objects.filter(
        agent=agent, state=AttemptState.RELEASED, ended_at__gt=at - OTHERS_FIRST, run__state=RunState.QUEUED
    ).values_list("run_id", flat=True)
    if not ids:
        return []
    fleet = load_fleet(at=at)
    runs = Run.objects.filter(pk__in=set(ids)).select_related("network", "protocol", "artifact", "device_kind")
    return [run.pk for run in runs if has_others(run, fleet, at=at)]


def has_others(run: Run, fleet: Fleet, *, at: datetime) -> bool:
    """Whether an agent can execute the run that did not hand it back itself lately."""
    return not why_blocked(run, fleet.without({attempt.agent_id for attempt in returned(run, at=at)}))


def returned(run: Run, *, at: datetime) -> list[Attempt]:
    """The attempts at a run that ended lately by being handed back, the latest first, with their agents."""
    attempts = run.attempts.filter(state=AttemptState.RELEASED, ended_at__gt=at - OTHERS_FIRST)
    return list(attempts.select_related("agent").order_by("-ended_at", "-id"))


def returned_text(run: Run, fleet: Fleet, *, at: datetime) -> str:
    """Who handed the run back and until when others have it first; empty where nobody did, or nobody else can."""
    attempts = returned(run, at=at)
    if not attempts or not has_others(run, fleet, at=at):
        return ""
    last = attempts[0]
    assert last.ended_at is not None, "a released attempt has ended"
    until = last.ended_at + OTHERS_FIRST
    return f"{last.agent.name} handed it back, so that another agent has it first until {until:%H:%M:%S} UTC"
