"""Who could execute a queued run: the devices behind agents, with no more of them than the choice of runs needs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from apps.catalog.datasets import Offered, Standards, standard_datasets
from apps.fleet.models import Agent, AgentStatus, Attachment, Device, Serves
from apps.runs.models import Attempt

_OF_AGENT = (
    "name", "owner_id", "status", "serves", "accepts_uploads", "enrolled_at", "last_seen_at", "retired_at",
    "datasets", "refused_devices",
)  # fmt: skip
_OF_KIND = ("slug", "title", "simulates_id", "category")
_OF_DEVICE = ("unhealthy_since", "unhealthy_with_id", "unhealthy_reason")

LATEST_ATTEMPTS = 1_000
"""Among these are those of agents that finished one just now."""


@dataclass(frozen=True)
class Candidate:
    """An agent's device, as far as the choice of runs depends on it; without a kind, an agent that has no device."""

    agent_id: int
    agent_name: str
    owner_id: int
    status: str
    is_retired: bool
    serves: str
    served_ids: frozenset[int]
    accepts_uploads: bool
    is_online: bool
    last_seen_at: datetime
    datasets: tuple[Offered, ...]
    refused: tuple[Mapping[str, str], ...]
    """What the agent offered and the site could not take: fields of `runners.wire.RefusedDevice`."""
    kind_id: int | None = None
    kind_slug: str = ""
    kind_title: str = ""
    simulates_id: int | None = None
    category: str = ""
    engines: tuple[str, ...] = ()
    unhealthy: str | None = None
    """Since when, and why the device failed; None for a healthy one."""
    device_id: int | None = None
    offered_at: datetime | None = None
    is_offered: bool = False
    """Whether its agent still offers the device when it asks for a run: it may have been pulled out since."""

    @property
    def is_simulated(self) -> bool:
        return self.simulates_id is not None

    @property
    def is_revoked(self) -> bool:
        return self.status == AgentStatus.REVOKED

    def is_serving(self, user_id: int) -> bool:
        if self.serves == Serves.EVERYONE or self.owner_id == user_id:
            return True
        return self.serves == Serves.NAMED and user_id in self.served_ids


@dataclass(frozen=True)
class Fleet:
    """What the reasons for waiting are found in.

    `gone` is when a device was last offered that no agent offers any more, by the id and by the category of its kind.
    """

    candidates: Sequence[Candidate]
    standards: Standards
    gone: Mapping[int | str, datetime]

    def without(self, agent_ids: set[int]) -> "Fleet":
        """As if these agents were not there."""
        return replace(self, candidates=[c for c in self.candidates if c.agent_id not in agent_ids])


def load_fleet(*, at: datetime) -> Fleet:
    """At most six queries, however many agents there are."""
    served, working = _served_ids(), _working_ids(at=at)
    fields = [*(f"agent__{field}" for field in _OF_AGENT), *(f"device__{field}" for field in _OF_DEVICE)]
    fields += [f"device__kind__{field}" for field in _OF_KIND]
    attached = Attachment.objects.select_related("agent", "device__kind").only("engines", "last_seen_at", *fields)
    bare = Agent.objects.filter(attachments=None).exclude(status=AgentStatus.REVOKED).only(*_OF_AGENT)
    candidates = [_of_attachment(attachment, served, working, at=at) for attachment in attached.order_by("id")]
    candidates += [Candidate(**_of_agent(agent, served, at=at)) for agent in bare.order_by("id")]
    return Fleet(candidates, standard_datasets(), _gone())


def _served_ids() -> dict[int, set[int]]:
    pairs = Agent.served_users.through.objects.filter(agent__serves=Serves.NAMED).values_list("agent_id", "user_id")
    served: dict[int, set[int]] = defaultdict(set)
    for agent_id, user_id in pairs:
        served[agent_id].add(user_id)
    return served


def _working_ids(*, at: datetime) -> set[int]:
    """Agents that execute a run, or did a moment ago: they offer nothing meanwhile, and all again afterwards."""
    live = Attempt.objects.live().order_by().values_list("agent_id", flat=True)
    latest = Attempt.objects.order_by("-id").values("pk")[:LATEST_ATTEMPTS]
    ended = (
        Attempt.objects.filter(pk__in=latest, ended_at__gt=_lately(at)).order_by().values_list("agent_id", flat=True)
    )
    return set(live.union(ended))


def _lately(at: datetime) -> datetime:
    """Who was there since then is counted as there."""
    return at - timedelta(seconds=settings.AGENT_ONLINE_S)


def _of_agent(agent: Agent, served: Mapping[int, set[int]], *, at: datetime) -> dict[str, Any]:
    return {
        "agent_id": agent.pk,
        "agent_name": agent.name,
        "owner_id": agent.owner_id,
        "status": agent.status,
        "is_retired": agent.retired_at is not None,
        "serves": agent.serves,
        "served_ids": frozenset(served.get(agent.pk, ())),
        "accepts_uploads": agent.accepts_uploads,
        "is_online": agent.is_online(at=at),
        "last_seen_at": agent.last_seen_at,
        "datasets": tuple(agent.datasets),
        "refused": tuple(agent.refused_devices),
    }


def _of_attachment(
    attachment: Attachment, served: Mapping[int, set[int]], working: set[int], *, at: datetime
) -> Candidate:
    agent, device = attachment.agent, attachment.device
    return Candidate(
        **_of_agent(agent, served, at=at),
        kind_id=device.kind.pk,
        kind_slug=device.kind.slug,
        kind_title=device.kind.title,
        simulates_id=device.kind.simulates_id,
        category=device.kind.category,
        engines=tuple(attachment.engine_names),
        unhealthy=None if device.is_healthy_with(agent.pk) else _failed(device),
        device_id=device.pk,
        offered_at=attachment.last_seen_at,
        is_offered=agent.pk in working or attachment.last_seen_at >= _lately(at),
    )


def _failed(device: Device) -> str:
    return f"since {device.unhealthy_since:%Y-%m-%d %H:%M} UTC: {device.unhealthy_reason}"


def _gone() -> dict[int | str, datetime]:
    """The latest of each kind, and of each category's real ones; a device that was only stated never was there."""
    detached = Device.objects.filter(attachments=None).exclude(facts__has_key="stated")
    latest = detached.order_by("kind_id", "-last_seen_at").distinct("kind_id")
    gone: dict[int | str, datetime] = {}
    for kind_id, category, simulates, at in latest.values_list(
        "kind_id", "kind__category", "kind__simulates_id", "last_seen_at"
    ):
        gone[kind_id] = at
        if simulates is None:
            gone[category] = max(at, gone.get(category, at))
    return gone
