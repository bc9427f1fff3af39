"""A run's life cycle as steps: what happened, what happens, what is to come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.runs.models import Attempt, AttemptState, Run, RunState


def timeline(run: Run, attempts: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Steps with label, time, note and state done | current | upcoming | failed."""
    last = attempts[-1] if attempts else None
    steps = [
        _step("Queued", run.queued_at, "current" if run.state == RunState.QUEUED else "done"),
        _step("Leased", last.leased_at if last else None, _reached(run, last), last.agent.name if last else ""),
        _step("Measuring", last.first_heartbeat_at if last else None, _measuring(run, last)),
        _step("Submitted", _submitted_at(last), _submitted(run, last)),
    ]
    return [*steps, _end(run)]


def state_sentence(run: Run, attempts: Sequence[Attempt]) -> str:
    """Where the run is, for somebody who does not see the steps."""
    if run.blocked_by:
        return f"Run {run.pk} is queued. It waits: {run.blocked_by}."
    if run.state == RunState.FAILED:
        return f"Run {run.pk} has failed. {run.failure}"
    if run.state == RunState.ACTIVE and attempts:
        return f"Run {run.pk} is {attempts[-1].state} by agent {attempts[-1].agent.name}."
    return f"Run {run.pk} is {run.state}."


def _step(label: str, at: datetime | None, state: str, note: str = "") -> dict[str, Any]:
    return {"label": label, "at": at, "state": state, "note": note}


def _reached(run: Run, last: Attempt | None) -> str:
    if last is None or run.state == RunState.QUEUED:
        return "upcoming"
    return "current" if last.state == AttemptState.LEASED else "done"


def _measuring(run: Run, last: Attempt | None) -> str:
    if last is None or run.state == RunState.QUEUED:
        return "upcoming"
    if last.first_heartbeat_at is None:
        # A quick attempt can have its result sent before its first heartbeat.
        return "done" if _submitted_at(last) else "upcoming"
    return "current" if last.state == AttemptState.RUNNING else "done"


def _submitted_at(last: Attempt | None) -> datetime | None:
    has_result = last is not None and last.state in (AttemptState.SUBMITTED, AttemptState.ACCEPTED)
    return last.ended_at if last is not None and has_result else None


def _submitted(run: Run, last: Attempt | None) -> str:
    if _submitted_at(last) is None:
        return "upcoming"
    return "current" if last is not None and last.state == AttemptState.SUBMITTED else "done"


def _end(run: Run) -> dict[str, Any]:
    if run.state == RunState.DONE:
        return _step("Accepted", run.finished_at, "done")
    if run.state == RunState.FAILED:
        return _step("Failed", run.finished_at, "failed", run.failure)
    if run.state == RunState.CANCELLED:
        return _step("Cancelled", run.finished_at, "failed")
    return _step("Accepted", None, "upcoming")
