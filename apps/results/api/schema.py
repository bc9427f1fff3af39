"""Shapes of the answers about results."""

from datetime import datetime
from typing import Literal

from apps.core.api.schema import Page, Shape

Interval = tuple[float, float]
"""(low, high) of a 95 % interval, in the metric's unit."""


class ResultRow(Shape):
    """`printed` are the digits of a published value as text; `value` is the same as a number, in `unit`."""

    id: int
    model: str
    metric: str
    configuration: str
    protocol: str
    protocol_version: int
    device: str | None
    engine: str
    engine_release: str
    precision: str
    batch_size: int
    value: float
    printed: str | None
    unit: str
    origin: str
    source: str | None
    source_edition: int | None
    run: int | None
    flags: list[str]
    copied_from: str | None
    evidence: str
    statistic: str
    interval: Interval | None
    n: int | None
    trust_tier: int
    is_simulated: bool
    artifact_sha256: str | None
    weights: str | None
    measured_at: datetime | None
    updated_at: datetime


class ResultPage(Page):
    results: list[ResultRow]


class OneResult(ResultRow):
    withdrawn_at: datetime | None
    withdrawn_because: str


class ProcessRow(Shape):
    """What one child process measured, in the order in which it happened."""

    load_ns: int
    first_ns: int
    warmup_wall_ns: list[int]
    wall_ns: list[int]
    cpu_ns: list[int]
    started_at: datetime
    facts: dict[str, object]


class RawSamples(Shape):
    result: int
    unit: Literal["ns"]
    count: int
    processes: list[ProcessRow]


class SourceRow(Shape):
    id: int
    slug: str
    edition: int
    document: str
    section: str
    table: str
    repository: str
    digest: str
    created_at: datetime


class SourcePage(Page):
    results: list[SourceRow]


class LeaderboardColumn(Shape):
    key: str
    metric: str
    unit: str
    direction: Literal["max", "min"]
    configuration: str
    protocol: str
    engine: str | None
    device: str | None
    is_measured: bool


class LeaderboardCell(Shape):
    """`range` is the lowest and highest value of the `device_count` devices behind the cell."""

    value: float
    printed: str | None
    unit: str
    origin: str
    evidence: str
    interval: Interval | None
    n: int | None
    flags: list[str]
    copied_from: str | None
    source: str
    run: int | None
    result: int
    device_count: int
    range: Interval


class LeaderboardRow(Shape):
    """`cells` by column key; null where there is no value. `on_front` is null when no front was asked for."""

    model: str
    family: str
    recipe: str
    precision: str
    width_multiplier: float
    on_front: bool | None
    cells: dict[str, LeaderboardCell | None]


class Leaderboard(Shape):
    columns: list[LeaderboardColumn]
    rows: list[LeaderboardRow]
