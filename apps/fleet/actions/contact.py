"""What an agent says of itself whenever it calls."""

from collections.abc import Sequence
from datetime import datetime

from apps.core.errors import InvalidInput, UserError
from apps.fleet.models import Agent
from runners import wire


class AgentGone(UserError):
    """It was deleted between the check of its token and what it asked for."""

    status = 401
    type = "authentication-failed"
    title = "Authentication failed"


def hold_agent(agent: Agent) -> None:
    """Nobody deletes the agent until the transaction ends. Raises AgentGone where somebody was first."""
    # Rows that refer to the agent may be written meanwhile: the key stays.
    held = Agent.objects.select_for_update(no_key=True).filter(pk=agent.pk).values_list("pk", flat=True)
    if not held:
        raise AgentGone("This agent was deleted: enrol it again with a new code.")


def touch_agent(
    *, agent: Agent, client_time: datetime, at: datetime, runner_version: str = "", wire_version: int | None = None
) -> None:
    """Note that the agent is there, how far its clock is off, and its release where the call says it."""
    noted: dict[str, object] = {"last_seen_at": at, "clock_skew_s": (client_time - at).total_seconds()}
    if runner_version and wire_version is not None:
        noted |= {"runner_version": runner_version, "wire_version": wire_version}
    Agent.objects.filter(pk=agent.pk).update(**noted)


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
