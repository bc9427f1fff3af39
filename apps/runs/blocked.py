"""Why a queued run waits: never in silence. Reads rows that are already loaded, runs no query."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.catalog.artifacts import ENGINE_FORMATS, wanted_precision
from apps.catalog.datasets import Offered, Standards, find_offered
from apps.catalog.models.protocol import ProtocolKind
from apps.fleet.models import STUB_ENGINE, AgentStatus, Attachment, Serves
from apps.runs.models import Run


@dataclass(frozen=True)
class Candidate:
    """An agent's device, as far as the choice of runs depends on it."""

    agent_name: str
    owner_id: int
    status: str
    serves: str
    accepts_uploads: bool
    is_online: bool
    last_seen_at: datetime
    kind_id: int
    is_simulated: bool
    category: str
    engines: tuple[str, ...]
    datasets: tuple[Offered, ...] = ()

    @classmethod
    def of(cls, attachment: Attachment, *, at: datetime) -> "Candidate":
        agent, kind = attachment.agent, attachment.device.kind
        return cls(
            agent_name=agent.name,
            owner_id=agent.owner_id,
            status=agent.status,
            serves=agent.serves,
            accepts_uploads=agent.accepts_uploads,
            is_online=agent.is_online(at=at),
            last_seen_at=agent.last_seen_at,
            kind_id=kind.pk,
            is_simulated=kind.is_simulated,
            category=kind.category,
            engines=tuple(attachment.engine_names),
            datasets=tuple(agent.datasets),
        )


def why_blocked(run: Run, candidates: Sequence[Candidate], standards: Standards) -> str:
    """The first condition that nobody meets, in words; empty when some agent only has to finish what it does."""
    if run.artifact is None:
        return _missing_artifact(run)
    left = list(candidates)
    for meets, reason in _conditions(run, standards):
        met = [candidate for candidate in left if meets(candidate)]
        if not met:
            return reason(left)
        left = met
    return ""


def _missing_artifact(run: Run) -> str:
    if run.protocol.kind == ProtocolKind.ACCURACY:
        name = run.network.name
        return f"no artifact of {name} with trained weights: fetch or import them, see docs/how-to/weights.md"
    format = ENGINE_FORMATS.get(run.engine, run.engine)
    return f"no {wanted_precision(run.network, run.protocol)} {format} artifact of {run.network.name}"


Condition = tuple[Callable[[Candidate], bool], Callable[[list[Candidate]], str]]


def _conditions(run: Run, standards: Standards) -> list[Condition]:
    """(what must hold, what to say of those for whom it does not), from the rarest cure to the commonest."""
    protocol = run.protocol
    kinds = {kind for kind in (run.device_kind_id, protocol.device_kind_id) if kind is not None}
    where = (
        run.device_kind.title if run.device_kind else (f"a {protocol.category}" if protocol.category else "any device")
    )
    return [
        (lambda c: c.status != AgentStatus.REVOKED, lambda left: "no agent is registered"),
        (
            lambda c: run.engine in c.engines and kinds <= {c.kind_id} and protocol.category in ("", c.category),
            lambda left: f"no registered agent offers {run.engine} on {where}",
        ),
        (
            lambda c: _has_dataset(run, c, standards),
            lambda left: f"no agent offers {_dataset_title(run, standards)}; {_offered(run, left)}",
        ),
        (
            lambda c: not c.is_simulated or run.engine == STUB_ENGINE or run.device_kind_id == c.kind_id,
            lambda left: f"only simulated devices offer {run.engine} on {where}, and this run wants a real one",
        ),
        (
            lambda c: c.serves == Serves.EVERYONE or c.owner_id == run.requested_by_id,
            lambda left: f"the agents that offer {run.engine} on {where} serve other owners only",
        ),
        (
            lambda c: c.accepts_uploads or (run.artifact is not None and not run.artifact.is_uploaded),
            lambda left: f"{_names(left)} takes catalogue artifacts only, and this one is an upload",
        ),
        (lambda c: c.status == AgentStatus.ACTIVE, lambda left: f"{_names(left)} is paused"),
        (
            lambda c: c.is_online,
            lambda left: f"{_names(left)} was last seen {max(c.last_seen_at for c in left):%Y-%m-%d %H:%M} UTC",
        ),
    ]


def _has_dataset(run: Run, candidate: Candidate, standards: Standards) -> bool:
    if run.protocol.kind != ProtocolKind.ACCURACY:
        return True
    task, name = run.protocol.task, run.dataset
    return find_offered(candidate.datasets, task=task, name=name, standards=standards) is not None


def _dataset_title(run: Run, standards: Standards) -> str:
    if run.dataset:
        return f"a dataset {run.dataset} of task {run.protocol.task}"
    standard = standards.get(run.protocol.task)
    return f"the full {standard.title}" if standard else f"a standard dataset of task {run.protocol.task}"


def _offered(run: Run, candidates: Sequence[Candidate]) -> str:
    """What there is instead; an agent with several devices is named once."""
    offers = sorted(
        {
            f"{offered['name']} ({offered['images']:,} images) of agent {candidate.agent_name}"
            for candidate in candidates
            for offered in candidate.datasets
            if offered["task"] == run.protocol.task
        }
    )
    if not offers:
        return "none is offered: `zooboard-runner dataset add` registers images"
    return "offered: " + ", ".join(offers[:3]) + (f" and {len(offers) - 3} more" if len(offers) > 3 else "")


def _names(candidates: Sequence[Candidate]) -> str:
    names = sorted({candidate.agent_name for candidate in candidates})
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
