"""How a machine becomes an agent, and what the site tells it from then on."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from runners.wire.base import WIRE_VERSION, Message, Name, Sha256, Text


class EnrolRequest(Message):
    """`POST enroll`: a one-time code becomes an agent."""

    code: str = Field(min_length=1, max_length=100)
    name: Name
    runner_version: str = Field(max_length=50)
    wire_version: int = WIRE_VERSION


class RefusedDevice(Message):
    """A device of the newest lease request that the site cannot take; those beside it go on."""

    fingerprint: Sha256
    kind_name: str = Field(max_length=200)
    reason: Text


class AgentSettings(Message):
    """What the site tells an agent with every `enroll` and `heartbeat` answer."""

    lease_url: str
    heartbeat_every_s: float = Field(gt=0)
    server_time: AwareDatetime
    is_draining: bool = False
    """The owner wants the program to end: it finishes what it does, uploads it, and exits with 0."""
    should_rotate: bool = False
    """The owner wants the token replaced: the agent calls `rotate` once it is idle."""
    refused_devices: list[RefusedDevice] = Field(default_factory=list, max_length=50)


class EnrolAnswer(Message):
    """The secret is shown once; the site keeps only its sha256."""

    agent_id: str
    token: str
    name: str
    settings: AgentSettings


class RotateAnswer(Message):
    token: str
