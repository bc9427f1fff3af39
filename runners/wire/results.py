"""A record on its way to the site: of a leased run, or submitted without a lease."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, field_validator

from runners.wire.artifacts import Artifact
from runners.wire.base import Facts, Message, Name, Sha256
from runners.wire.devices import DeviceOffer
from runners.wire.records import Record


class Measured(Message):
    """What was measured, of what, where and when: all that a record needs to be believed."""

    model: Name
    protocol_slug: Name
    protocol_version: int
    engine: Name
    engine_release: str = Field(max_length=100)
    device_fingerprint: Sha256
    artifact_sha256: Sha256
    runner_version: str = Field(max_length=50)
    started_at: AwareDatetime
    finished_at: AwareDatetime
    environment: Facts
    record: Record

    @field_validator("finished_at")
    @classmethod
    def _ends_after_start(cls, finished_at: datetime, info: Any) -> datetime:
        started_at = info.data.get("started_at")
        if started_at is not None and finished_at < started_at:
            raise ValueError("finished_at is before started_at")
        return finished_at


class ResultRequest(Measured):
    """`POST result`: keyed by (run, attempt). The same bytes again are accepted again, other bytes are a 409."""

    lease_token: str = Field(max_length=200)
    run_id: int
    attempt_id: int


class ResultAnswer(Message):
    state: str
    detail: str


class SubmissionRequest(Measured):
    """`POST submission`: a record that was measured without a lease, and the file that `measure` writes.

    Keyed by `submission_id`: the same bytes again are accepted again, other bytes are a 409.
    """

    submission_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    device: DeviceOffer
    artifact: Artifact


class SubmissionAnswer(Message):
    state: str
    detail: str
