"""Why a queued run waits: never in silence. Reads rows that are already loaded, runs no query."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.catalog.artifacts import ENGINE_FORMATS, wanted_precision
from apps.catalog.datasets import Offered, Standards, find_offered
from apps.catalog.models import Precision
from apps.catalog.models.protocol import ProtocolKind
from apps.fleet.models import STUB_ENGINE, AgentStatus, Attachment, Device, Serves
from apps.runs.models import Run


@dataclass(frozen=True)
class Candidate:
    """An agent's device, as far as the choice of runs depends on it."""

    agent_name: str
    owner_id: int
    status: str
    serves: str
    served_ids: frozenset[int]
    accepts_uploads: bool
    is_online: bool
    last_seen_at: datetime
    kind_id: int
    kind_slug: str
    kind_title: str
    simulates_id: int | None
    category: str
    engines: tuple[str, ...]
    datasets: tuple[Offered, ...] = ()
    unhealthy: str | None = None
    """Since when, and why the device failed; None for a healthy one."""

    @classmethod
    def of(cls, attachment: Attachment, *, at: datetime) -> "Candidate":
        agent, kind = attachment.agent, attachment.device.kind
        return cls(
            agent_name=agent.name,
            owner_id=agent.owner_id,
            status=agent.status,
            serves=agent.serves,
            served_ids=frozenset(user.pk for user in agent.served_users.all()),
            accepts_uploads=agent.accepts_uploads,
            is_online=agent.is_online(at=at),
            last_seen_at=agent.last_seen_at,
            kind_id=kind.pk,
            kind_slug=kind.slug,
            kind_title=kind.title,
            simulates_id=kind.simulates_id,
            category=kind.category,
            engines=tuple(attachment.engine_names),
            datasets=tuple(agent.datasets),
            unhealthy=None if attachment.device.is_healthy_with(agent.pk) else _failed(attachment.device),
        )

    @property
    def is_simulated(self) -> bool:
        return self.simulates_id is not None

    def is_serving(self, user_id: int) -> bool:
        if self.serves == Serves.EVERYONE or self.owner_id == user_id:
            return True
        return self.serves == Serves.NAMED and user_id in self.served_ids


def why_blocked(
    run: Run, candidates: Sequence[Candidate], standards: Standards, gone: Mapping[int, datetime] | None = None
) -> str:
    """The first condition that nobody meets, in words; empty when some agent only has to finish what it does.

    `gone` is when a device of a kind was last offered that no agent offers any more, by the kind's id.
    """
    if run.artifact is None:
        return _missing_artifact(run)
    left = list(candidates)
    for meets, reason in _conditions(run, standards, gone or {}):
        met = [candidate for candidate in left if meets(candidate)]
        if not met:
            return reason(left)
        left = met
    return ""


def _missing_artifact(run: Run) -> str:
    if run.protocol.kind == ProtocolKind.ACCURACY:
        name = run.network.name
        return f"no artifact of {name} with trained weights: fetch or import them, see docs/how-to/weights.md"
    format, precision = ENGINE_FORMATS.get(run.engine, run.engine), wanted_precision(run.network, run.protocol)
    kind = format if precision == Precision.FP32 else f"{precision} {format}"
    return f"no {kind} artifact of {run.network.name}"


def _failed(device: Device) -> str:
    return f"since {device.unhealthy_since:%Y-%m-%d %H:%M} UTC: {device.unhealthy_reason}"


Condition = tuple[Callable[[Candidate], bool], Callable[[list[Candidate]], str]]


def _conditions(run: Run, standards: Standards, gone: Mapping[int, datetime]) -> list[Condition]:
    """(what must hold, what to say of those for whom it does not), from the rarest cure to the commonest."""
    where = _where(run)
    return [
        (lambda c: c.status != AgentStatus.REVOKED, lambda left: "no agent is registered"),
        (
            lambda c: run.engine in c.engines and _is_there(run, c),
            lambda left: f"no registered agent offers {run.engine} on {where}{_nearest(run, left)}{_gone(run, gone)}",
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
            lambda c: c.is_serving(run.requested_by_id),
            lambda left: f"the agents that offer {run.engine} on {where} serve other owners only",
        ),
        (
            lambda c: c.accepts_uploads or (run.artifact is not None and not run.artifact.is_uploaded),
            lambda left: f"{_names(left)} takes catalogue artifacts only, and this one is an upload",
        ),
        (lambda c: c.unhealthy is None, _unhealthy),
        (
            lambda c: c.status == AgentStatus.ACTIVE,
            lambda left: f"{_names(left)} {_be(left)} {' or '.join(sorted({c.status for c in left}))}",
        ),
        (
            lambda c: c.is_online,
            lambda left: f"{_names(left)} was last seen {max(c.last_seen_at for c in left):%Y-%m-%d %H:%M} UTC",
        ),
    ]


def _where(run: Run) -> str:
    if run.device_kind:
        return run.device_kind.title
    return f"a {run.protocol.category}" if run.protocol.category else "any device"


def _is_there(run: Run, candidate: Candidate) -> bool:
    """Whether this is the sort of device that the run and its protocol want, as `executable_by` has it."""
    wanted, of_protocol = run.device_kind_id, run.protocol.device_kind_id
    by_name = candidate.is_simulated and wanted == candidate.kind_id and of_protocol == candidate.simulates_id
    return (
        wanted in (None, candidate.kind_id)
        and (of_protocol in (None, candidate.kind_id) or by_name)
        and run.protocol.category in ("", candidate.category)
    )


def _nearest(run: Run, candidates: Sequence[Candidate]) -> str:
    """What comes closest: the right device with other engines, else a simulator of it."""
    there = [c for c in candidates if _is_there(run, c) and c.engines]
    if there:
        offers = [f"agent {c.agent_name} offers {c.kind_title} with {', '.join(c.engines)}" for c in there]
        return f"; {_list(offers)}"
    wanted = run.device_kind_id or run.protocol.device_kind_id
    simulators = [c for c in candidates if c.simulates_id == wanted is not None and run.engine in c.engines]
    if simulators:
        return f"; {_names(simulators)} only simulates one: a run for {simulators[0].kind_slug} would do"
    return ""


def _gone(run: Run, gone: Mapping[int, datetime]) -> str:
    """That a device of the wanted kind is known, and when its agent offered it last."""
    at = gone.get(run.device_kind_id or run.protocol.device_kind_id or 0)
    return f"; one was last offered {at:%Y-%m-%d %H:%M} UTC: connect it to its agent again" if at else ""


def _unhealthy(candidates: Sequence[Candidate]) -> str:
    texts = [f"the {c.kind_title} of agent {c.agent_name} is unhealthy {c.unhealthy}" for c in candidates]
    return _list(texts)


def _be(candidates: Sequence[Candidate]) -> str:
    return "are" if len({candidate.agent_name for candidate in candidates}) > 1 else "is"


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
    offers = [
        f"{offered['name']} ({offered['images']:,} images) of agent {candidate.agent_name}"
        for candidate in candidates
        for offered in candidate.datasets
        if offered["task"] == run.protocol.task
    ]
    if not offers:
        return "none is offered: `zooboard-runner dataset add` registers images"
    return "offered: " + _list(offers)


def _names(candidates: Sequence[Candidate]) -> str:
    return _list([candidate.agent_name for candidate in candidates])


def _list(texts: Sequence[str]) -> str:
    """Each once, in order, and no more than three of them."""
    shown = sorted(set(texts))
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")
