"""Shapes of the answers that come from the pages' own code."""

from datetime import datetime
from typing import Literal

from apps.core.api.schema import Page, Shape


class Verdict(Shape):
    """A model against the first one; `sentence` says it whole."""

    model: str
    predicate: str
    sentence: str


class ComparedValue(Shape):
    """`difference` and `ratio` are to the first model's value, null without one; the difference is in `unit`.

    `noise` of a difference: `beyond` or `within` what two measurements of the same thing differ by, `exact` where
    both were counted, `unknown` where one has no samples, as a published value.
    """

    model: str
    column: str
    metric: str
    unit: str
    device: str | None
    protocol: str
    engine: str | None
    value: float
    printed: str | None
    origin: str
    source: str
    interval_low: float | None
    interval_high: float | None
    n: int | None
    flags: list[str]
    copied_from: str | None
    difference: float | None
    ratio: float | None
    is_better: bool | None
    noise: Literal["beyond", "within", "exact", "unknown"] | None


class Comparison(Shape):
    models: list[str]
    verdicts: list[Verdict]
    values: list[ComparedValue]


class ChartRow(Shape):
    """`url` is the page; `sentence` says what to see."""

    slug: str
    title: str
    url: str
    sentence: str


class ChartPage(Page):
    results: list[ChartRow]


class ChartField(Shape):
    key: str
    title: str
    unit: str


class ChartValue(Shape):
    """`printed` is as the page writes it."""

    value: float
    printed: str
    source: str


class ChartModel(Shape):
    """`values` by the key of a field; a missing value has none."""

    model: str
    family: str
    values: dict[str, ChartValue]


class Chart(Shape):
    """`families` are those asked for, empty for all."""

    slug: str
    title: str
    about: str
    sentence: str
    sources: list[str]
    url: str
    at: datetime
    families: list[str]
    fields: list[ChartField]
    rows: list[ChartModel]
