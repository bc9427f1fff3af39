"""What an agent says while it holds a run, and how it gives one back."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field

from runners.wire.base import Message, Text
from runners.wire.enrolment import AgentSettings


class Progress(Message):
    phase: str = Field(max_length=50)
    done: int = Field(default=0, ge=0)
    total: int = Field(default=0, ge=0)
    detail: Text = ""
    """For a person: why it waits."""


class HeartbeatRequest(Message):
    """`POST heartbeat`: the first one precedes measuring. Without a lease token it only says "I am here"."""

    lease_token: str | None = Field(default=None, max_length=200)
    progress: Progress | None = None
    client_time: AwareDatetime


class HeartbeatAnswer(Message):
    action: Literal["continue", "cancel"]
    expires_in_s: float | None = None
    settings: AgentSettings


class ReleaseRequest(Message):
    """`POST release`: hands a run back untouched; it goes to the head of the queue."""

    lease_token: str = Field(max_length=200)
    reason: Text


class FailureKind(StrEnum):
    USER = "user"
    """The order cannot be executed as asked: an operator the engine lacks, a broken model. Not retried."""
    ENGINE = "engine"
    """The engine crashed or gave NaN. Not retried."""
    DEVICE = "device"
    """The device vanished, overheated, ran out of memory. Retried; the device must pass a self-check first."""
    INFRASTRUCTURE = "infrastructure"
    """Disk full, artifact unreachable. Retried."""


class FailRequest(Message):
    lease_token: str = Field(max_length=200)
    kind: FailureKind
    reason: Text
