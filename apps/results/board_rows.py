"""What a board consists of: columns, rows with their cells, and what is made of them once."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from threading import RLock
from typing import Any, TypeVar

from apps.core.metrics import Metric

SUBMITTED_PREFIX = "submitted."
"""Of the key of a column of what was sent in; no metric is called so."""


@dataclass(frozen=True)
class Column:
    """`key` is `<metric>.<configuration>`; `short_key` the metric alone, where that can mean one column only.

    That is a metric's one published column, whatever is measured later, so that an address keeps its meaning; or else
    its only column.
    """

    metric: Metric
    configuration: str
    protocol: str
    protocol_title: str
    engine: str
    device_kind: str
    is_measured: bool
    short_key: str | None
    precision: str = ""
    """In which the protocol executes a model of floating point; empty where it executes none."""
    device_kind_slug: str = ""
    dataset: str = ""
    """The named subset that an accuracy was measured on, with its number of images; empty for a standard dataset."""
    is_submitted: bool = False
    """Of values that people sent in; the board itself has no such column."""

    @cached_property
    def key(self) -> str:
        own = column_key(self.metric.key, self.configuration)
        return f"{SUBMITTED_PREFIX}{own}" if self.is_submitted else own


def column_key(metric: str, configuration: str) -> str:
    return f"{metric}.{configuration}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with everything that says where it comes from. Units are the column's."""

    result_id: int
    value: Decimal
    printed: str
    origin: str
    evidence: str
    statistic: str
    interval: tuple[Decimal, Decimal] | None
    n: int | None
    flags: list[str]
    is_vetted: bool
    """Whether somebody answers for it: a published table, or an agent that an administrator vetted."""
    copied_from: str | None
    source: str
    run_id: int | None
    weights: str
    """Where the artifact's weights come from; empty for a published value."""
    shared_from: str
    """The architecture whose artifact was measured, where it is called otherwise than the model; else empty."""
    engine_release: str
    measured_at: datetime | None
    device_count: int
    value_range: tuple[Decimal, Decimal]
    submission_id: int | None = None
    owner_count: int = 0
    """How many people sent values of a submitted cell in."""


T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """Read anew when one of its values changes, or what any row says; else the same one in the next board."""

    model: str
    short: str
    family: str
    family_title: str
    recipe: str
    precision: str
    width_multiplier: Decimal
    cells: dict[str, Cell] = field(default_factory=dict)
    """By column key; a missing value has no entry."""
    _written: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def value(self, column: Column) -> Decimal | None:
        cell = self.cells.get(column.key)
        return cell.value if cell else None

    def written(self, key: Hashable, write: Callable[..., T], *given: Any) -> T:
        """What `write` makes of this row, made once. `key` tells it from everything else that is written of a row.

        `given` is what it takes beside the row: the same for one key as long as the row stands.
        """
        if key not in self._written:
            self._written[key] = write(self, *given)
        made: T = self._written[key]
        return made

    def written_last(self, key: Hashable, write: Callable[..., T], *given: Any) -> T:
        """As `written`, for what may have as many keys as there are addresses: only the last one is remembered."""
        last, made = self._written.get(write, (None, None))
        if last != key:
            made = write(self, *given)
            self._written[write] = key, made
        found: T = made
        return found


@dataclass(frozen=True)
class Board:
    columns: list[Column]
    rows: list[Row]
    _derived: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _deriving: RLock = field(default_factory=RLock, init=False, repr=False, compare=False)

    def derived(self, build: Callable[..., T], *of: Hashable) -> T:
        """What `build` makes of this board, made once: a board never changes, and two thousand models take a while."""
        key = (build, *of)
        if key not in self._derived:
            with self._deriving:
                if key not in self._derived:
                    self._derived[key] = build(self, *of)
        made: T = self._derived[key]
        return made

    @cached_property
    def by_key(self) -> dict[str, Column]:
        """Columns by every key that names them."""
        short = {column.short_key: column for column in self.columns if column.short_key}
        return {**short, **{column.key: column for column in self.columns}}
