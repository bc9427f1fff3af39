"""Shapes of the answers about agents, and of what their owners send."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from apps.core.api.schema import Page, Shape
from apps.fleet.models import Serves, TrustTier
from apps.fleet.models.agent import MAX_TAGS
from runners import wire


class EngineRow(Shape):
    name: str
    release: str


class AgentDevice(Shape):
    """A device behind an agent. `unhealthy_since` is null for a healthy one; an unhealthy one gets no run."""

    kind: str
    engines: list[EngineRow]
    last_seen_at: datetime
    unhealthy_since: datetime | None
    unhealthy_reason: str


class AgentRow(Shape):
    """`status` is what its owner wants; `state` is that, or `online` or `offline` for an active one."""

    id: str
    name: str
    status: str
    state: str
    serves: str
    accepts_uploads: bool
    trust_tier: int
    tags: list[str]
    runner_version: str
    enrolled_at: datetime
    last_seen_at: datetime
    devices: list[AgentDevice]


class AgentPage(Page):
    """An active agent that was not seen for `online_within_s` is offline."""

    results: list[AgentRow]
    online_within_s: float


class PrivateDevice(Shape):
    """`facts` are what the device says of itself; `fingerprint` tells it from others of its kind."""

    id: int
    kind: str
    fingerprint: str
    facts: dict[str, Any]


class PrivateAgent(Shape):
    """What only the owner and administrators see. `clock_skew_s` is the agent's clock minus the site's."""

    owner: str
    served_users: list[str]
    wire_version: int
    clock_skew_s: float | None
    datasets: list[dict[str, Any]]
    rotation_requested_at: datetime | None
    revoked_at: datetime | None
    retired_at: datetime | None
    devices: list[PrivateDevice]


class OneAgent(AgentRow):
    """`private` is null for everybody but the owner and administrators."""

    private: PrivateAgent | None


class NewCode(Shape):
    """A one-time code, in this answer only, and the command that uses it on the machine that measures."""

    code: str
    command: str
    expires_at: datetime


class AgentPatch(BaseModel):
    """`PATCH /api/v1/agents/{agent_id}/`: what is left out, or null, stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: wire.Name | None = None
    tags: list[Annotated[str, Field(max_length=30)]] | None = Field(default=None, max_length=MAX_TAGS)
    serves: Serves | None = None
    served_users: list[Annotated[str, Field(max_length=150)]] | None = Field(default=None, max_length=100)
    accepts_uploads: bool | None = None
    trust_tier: TrustTier | None = None
    """Administrators only."""
