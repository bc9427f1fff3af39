"""An agent asks for a run, and what it is then to execute."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from runners.wire.artifacts import Artifact
from runners.wire.base import WIRE_VERSION, Message, Name, Sha256
from runners.wire.devices import Dataset, DeviceOffer
from runners.wire.enrolment import AgentSettings


class LeaseRequest(Message):
    """`POST lease`: waits up to `wait_s` for a run. The same `request_id` gets the same lease again."""

    request_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    devices: list[DeviceOffer] = Field(min_length=1, max_length=50)
    datasets: list[Dataset] = Field(default_factory=list, max_length=50)
    cached_artifacts: list[Sha256] = Field(default_factory=list, max_length=1_000)
    wait_s: float = Field(default=0, ge=0, le=25)
    runner_version: str = Field(max_length=50)
    wire_version: int = WIRE_VERSION
    client_time: AwareDatetime


class ProtocolKind(StrEnum):
    LATENCY = "latency"
    COMPLEXITY = "complexity"
    ACCURACY = "accuracy"


class Protocol(Message):
    """A versioned way to measure. The counts are per process."""

    slug: Name
    version: int = Field(ge=1)
    kind: ProtocolKind
    task: Name = "imagenet1k"
    batch_size: int = Field(default=1, ge=1, le=1024)
    threads: int = Field(default=1, ge=1, le=256)
    precision: Literal["fp32", "fp16", "int8"] = "fp32"
    processes: int = Field(default=1, ge=1, le=50)
    warmup: int = Field(default=0, ge=0, le=10_000)
    repeats: int = Field(default=1, ge=1, le=100_000)
    min_duration_s: float = Field(default=0, ge=0, le=600)
    input_shape: list[int] = Field(default=[3, 224, 224], max_length=5)


class RunOrder(Message):
    """What to execute: declarative, never a command line, an address or a path."""

    run_id: int
    attempt_id: int
    model: Name
    engine: Name
    device_fingerprint: Sha256
    protocol: Protocol
    artifact: Artifact
    dataset: Dataset | None = None
    """For accuracy: the one of the agent's datasets to use, as it was offered."""


class LeaseAnswer(Message):
    order: RunOrder
    lease_token: str
    expires_in_s: float
    settings: AgentSettings
