"""What keeps rows of a list: sets of values, ranges of numbers and times, and what changed since."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, Q, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler
from django.http import QueryDict

from apps.core.api.parameters import listed, moment, number, refused
from apps.core.prepared import Lookup

MOST_LISTED = 60
"""So many valid values are read in an error."""
SINCE = "updated_since"
NO_COMMA = r"^[^,\x00]+$"


@dataclass(frozen=True)
class Choice(ABC):
    """`name=a,b` keeps the rows that have one of these at `path`. A value that cannot be is an error, not no rows."""

    path: str

    @abstractmethod
    def problem(self, value: str, rows: Callable[[], QuerySet[Any]]) -> str:
        """What is wrong with a value of the list's rows; empty when it can be."""

    def read(self, value: str) -> Any:
        return value

    def keeps(self, values: Sequence[str]) -> Q:
        return Q(**{f"{self.path}__in": [self.read(value) for value in values]})

    def chosen(self, name: str, values: Sequence[str], rows: Callable[[], QuerySet[Any]]) -> Q:
        """What keeps the rows of these values. Raises UserError for one that cannot be, and without any."""
        for value in values or [""]:
            if problem := self.problem(value, rows):
                raise refused(name, problem)
        return self.keeps(values)

    @property
    def enum(self) -> Sequence[str]:
        """All valid values, where they are the same on every site."""
        return ()

    @property
    def described(self) -> dict[str, Any]:
        """One value, as the OpenAPI schema says it."""
        return {"type": "string", **({"enum": list(self.enum)} if self.enum else {"pattern": NO_COMMA})}


class _Literal(Value):
    """Written into the statement, so that its plan is for this very value, which is one of a few that are safe."""

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        return f"'{self.value}'", ()


@dataclass(frozen=True)
class OneOf(Choice):
    """One of a few values that are known beforehand."""

    valid: Sequence[str]

    def problem(self, value: str, rows: Callable[[], QuerySet[Any]]) -> str:
        return "" if value in self.valid else f"{value!r} is not known. Valid: {', '.join(self.valid)}."

    def keeps(self, values: Sequence[str]) -> Q:
        # Of three origins one may have a million rows and another one none.
        return Q(**{f"{self.path}__in": [_Literal(value) for value in values]})

    @property
    def enum(self) -> Sequence[str]:
        return self.valid


@dataclass(frozen=True)
class Flag(Choice):
    """true or false."""

    def problem(self, value: str, rows: Callable[[], QuerySet[Any]]) -> str:
        return "" if value in self.enum else f"{value!r} is not known. Valid: true, false."

    def read(self, value: str) -> bool:
        return value == "true"

    @property
    def enum(self) -> Sequence[str]:
        return ("true", "false")


@dataclass(frozen=True)
class Named(Choice):
    """The name of a row of another list, which `listed_at` has.

    Rows are kept by that row's number: of a name that stands in a joined table Postgres cannot tell how many they are.
    """

    model: type[Model]
    column: str
    noun: str
    listed_at: str

    def problem(self, value: str, rows: Callable[[], QuerySet[Any]]) -> str:
        if self._numbers(value):
            return ""
        return f"There is no {self.noun} {value!r}; /api/v1/{self.listed_at}/ lists them."

    def chosen(self, name: str, values: Sequence[str], rows: Callable[[], QuerySet[Any]]) -> Q:
        numbers: list[int] = []
        for value in values or [""]:
            found = self._numbers(value)
            if not found:
                raise refused(name, self.problem(value, rows))
            numbers += [number for (number,) in found]
        return Q(**{f"{self.path.rpartition('__')[0]}__in": numbers})

    @cached_property
    def _numbers(self) -> Lookup:
        every = self.model._default_manager.order_by()
        return Lookup(lambda name: every.filter(**{self.column: name}).values_list("pk"))


@dataclass(frozen=True)
class Whole(Choice):
    """A whole number within low..high."""

    low: int
    high: int

    def problem(self, value: str, rows: Callable[[], QuerySet[Any]]) -> str:
        is_good = value.isdecimal() and len(value) <= len(str(self.high)) and self.low <= int(value) <= self.high
        return "" if is_good else f"{value!r} must be a whole number from {self.low} to {self.high}."

    def read(self, value: str) -> int:
        return int(value)

    @property
    def described(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class Present(Choice):
    """What some row of the list has. `valid` is a shorter way to these values where the list is long."""

    valid: Callable[[], Sequence[str]] | None = None

    def problem(self, value: str, rows: Callable[[], QuerySet[Any]]) -> str:
        if self.valid is None and rows().filter(**{self.path: value}).exists():
            return ""
        found: Iterable[Any] = (
            self.valid() if self.valid else rows().order_by().values_list(self.path, flat=True).distinct()
        )
        known = sorted(each for each in found if each not in (None, ""))
        if value in known:
            return ""
        more = f", and {len(known) - MOST_LISTED} more" if len(known) > MOST_LISTED else ""
        return f"{value!r} is not known. Valid: {', '.join(known[:MOST_LISTED]) or 'none yet'}{more}."


@dataclass(frozen=True)
class Range:
    """`min.<name>=` and `max.<name>=`, both inclusive; a row without the value is outside of every range."""

    path: str
    kind: str
    """integer, number or time"""

    def read(self, query: QueryDict, name: str, *, is_lower: bool) -> datetime | Decimal | int:
        if self.kind == "time":
            return moment(query, name)
        value = number(query, name)
        if self.kind == "number":
            return value
        return math.ceil(value) if is_lower else math.floor(value)


@dataclass(frozen=True)
class Filters:
    """`since` leads to the time of a row's last change; empty where rows have none."""

    choices: Mapping[str, Choice]
    ranges: Mapping[str, Range]
    since: str = ""

    @property
    def parameters(self) -> list[str]:
        bounds = [f"{side}.{name}" for name in self.ranges for side in ("min", "max")]
        return [*self.choices, *bounds, *([SINCE] if self.since else [])]

    def conditions(self, query: QueryDict, rows: Callable[[], QuerySet[Any]]) -> tuple[Q, ...]:
        """What the address asks of rows. Raises UserError that names the parameter and what is valid."""
        found: list[Q] = []
        for name, choice in self.choices.items():
            if name in query:
                found.append(choice.chosen(name, listed(query, name), rows))
        for name, bound in self.ranges.items():
            for side, lookup in (("min", "gte"), ("max", "lte")):
                if f"{side}.{name}" in query:
                    value = bound.read(query, f"{side}.{name}", is_lower=side == "min")
                    # Django drops a bound that the column cannot reach, and would keep rows without a value.
                    found.append(Q(**{f"{bound.path}__{lookup}": value, f"{bound.path}__isnull": False}))
        if SINCE in query:
            found.append(Q(**{f"{self.since}__gte": moment(query, SINCE)}))
        return tuple(found)


def kept(rows: QuerySet[Any], conditions: Iterable[Q]) -> QuerySet[Any]:
    """One after the other, since a row of a related table that fulfils one need not fulfil all."""
    for condition in conditions:
        rows = rows.filter(condition)
    return rows
