"""What an agent says of itself whenever it calls."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.core.errors import InvalidInput
from apps.fleet.models import Agent
from runners import wire


def touch_agent(
    *, agent: Agent, client_time: datetime, at: datetime, runner_version: str = "", wire_version: int | None = None
) -> None:
    """Note that the agent is there, how far its clock is off, and its release where the call says it."""
    noted: dict[str, object] = {"last_seen_at": at, "clock_skew_s": (client_time - at).total_seconds()}
    if runner_version and wire_version is not None:
        noted |= {"runner_version": runner_version, "wire_version": wire_version}
    Agent.objects.filter(pk=agent.pk).update(**noted)


@transaction.atomic
def offer_datasets(*, agent: Agent, datasets: Sequence[wire.Dataset]) -> None:
    """Note the labelled images an agent has, instead of those it had. Raises InvalidInput for a name given twice."""
    names = [(dataset.task, dataset.name) for dataset in datasets]
    if twice := sorted({name for task, name in names if names.count((task, name)) > 1}):
        message = f"Two datasets of one task are called {', '.join(twice)}: register one of them under another name."
        raise InvalidInput(message, [{"field": "datasets", "message": message}])
    offered = [dataset.model_dump(mode="json") for dataset in datasets]
    if offered != agent.datasets:
        agent.datasets = offered
        Agent.objects.filter(pk=agent.pk).update(datasets=offered)
