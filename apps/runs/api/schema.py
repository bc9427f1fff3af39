"""Shapes of the answers about runs and campaigns."""

from datetime import datetime

from apps.core.api.schema import Page, Problem, Shape


class RunRow(Shape):
    """`blocked_by` says what a queued run waits for; empty when an agent only has to finish what it does.

    `dataset` are the images of an accuracy, empty for the task's standard dataset. `artifact_of` names what the
    artifact was made for: the model itself, or the architecture that it shares, weights and all.
    """

    id: int
    state: str
    engine: str
    dataset: str
    blocked_by: str
    failure: str
    counted_attempts: int
    attempt_count: int
    queued_at: datetime
    finished_at: datetime | None
    campaign: int
    model: str
    protocol: str
    device: str | None
    artifact_sha256: str | None
    weights: str | None
    artifact_of: str | None


class RunPage(Page):
    results: list[RunRow]


class AttemptRow(Shape):
    id: int
    state: str
    fence: int
    reason: str
    failure_kind: str
    is_counted: bool
    leased_at: datetime
    ended_at: datetime | None
    engine_release: str
    agent: str
    device: str


class OneRun(RunRow):
    """`turn` is what a queued run that nothing blocks waits for: the runs before it, or another agent."""

    turn: str
    attempts: list[AttemptRow]


class CampaignRow(Shape):
    """`runs` counts the runs by state; `blocked` of the queued ones wait for something that is not there.

    A lower `priority` is more urgent. `schedule` is the id of the schedule that asked for it, null where a person did.
    """

    id: int
    title: str
    requested_by: str
    engine: str
    device_kind: str | None
    dataset: str
    priority: int
    schedule: int | None
    created_at: datetime
    cancelled_at: datetime | None
    models: list[str]
    protocols: list[str]
    is_expanded: bool
    runs: dict[str, int]
    blocked: int


class CampaignPage(Page):
    results: list[CampaignRow]


class ScheduleRow(Shape):
    """No `models` means all there are when it is due. A due time that passed while it was paused makes no campaign.

    `skipped_at` is the last due time that made none for another reason, which `skip_reason` says.
    """

    id: int
    title: str
    requested_by: str
    models: list[str]
    protocols: list[str]
    engine: str
    device_kind: str | None
    dataset: str
    priority: int
    every_hours: int
    created_at: datetime
    next_at: datetime
    paused_at: datetime | None
    skipped_at: datetime | None
    skip_reason: str
    ended_at: datetime | None


class SchedulePage(Page):
    results: list[ScheduleRow]


class EstimatedEnd(Shape):
    """`basis` says what the time follows from."""

    ends_at: datetime
    basis: str


class BlockedBy(Shape):
    """Runs that wait for the same thing; `models` are those whose lack it is."""

    reason: str
    runs: int
    models: list[str]


class OneCampaign(CampaignRow):
    """`is_expanded` is false until the runs are made; `estimate` is null while no run has finished, and at the end."""

    estimate: EstimatedEnd | None
    blocked_by: list[BlockedBy]


class LogSize(Shape):
    size: int


class WrongLogOffset(Problem):
    """`size` is the offset to go on from."""

    size: int
