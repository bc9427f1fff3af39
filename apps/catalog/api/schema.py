"""Shapes of the catalogue's answers."""

from datetime import datetime
from typing import Any, Literal

from apps.core.api.schema import Page, Shape


class Paper(Shape):
    title: str
    authors: list[str]
    year: int
    arxiv: str


class FamilyRow(Shape):
    id: int
    slug: str
    title: str
    organisation: str
    year: int
    building_blocks: list[str]
    paper: Paper
    overview: str


class FamilyPage(Page):
    results: list[FamilyRow]


class ModelRow(Shape):
    """`base` is the plain fp32 model of the same architecture."""

    id: int
    name: str
    short: str
    width_multiplier: float
    activation: str
    recipe: str
    precision: str
    task: str
    family: str
    architecture: str
    base: str | None


class ModelPage(Page):
    results: list[ModelRow]


class MetricRow(Shape):
    """`decimals` is how many a page shows of a measured value."""

    key: str
    label: str
    unit: str
    direction: Literal["max", "min"]
    decimals: int
    help: str


class MetricPage(Page):
    results: list[MetricRow]


class ProtocolRow(Shape):
    id: int
    slug: str
    version: int
    title: str
    kind: str
    task: str
    is_origin: bool
    metrics: list[str]
    engines: list[str]
    category: str
    batch_size: int
    threads: int | None
    precision: str
    processes: int | None
    warmup: int | None
    repeats: int | None
    min_duration_s: float | None
    statistic: str
    description: str
    source: str


class ProtocolPage(Page):
    results: list[ProtocolRow]


class ConfigurationRow(Shape):
    id: int
    slug: str
    engine: str
    dataset: str
    protocol: str
    protocol_version: int
    device: str | None


class ConfigurationPage(Page):
    results: list[ConfigurationRow]


class DeviceKindRow(Shape):
    """`peak_flops` is an upper bound of FLOP/s by precision."""

    id: int
    slug: str
    title: str
    category: str
    peak_flops: dict[str, float]
    facts: dict[str, Any]


class DeviceKindPage(Page):
    results: list[DeviceKindRow]


class ArtifactRow(Shape):
    id: int
    sha256: str
    format: str
    precision: str
    weights: str
    weights_kind: Literal["stated", "random", "seeded-int8"]
    recipe: dict[str, Any] | None
    input_preparation: dict[str, Any]
    is_uploaded: bool
    created_at: datetime
    architecture: str
    model: str | None


class ArtifactPage(Page):
    results: list[ArtifactRow]


class StoredArtifact(Shape):
    sha256: str
