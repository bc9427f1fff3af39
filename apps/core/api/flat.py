"""The rows of a list as a table: what a CSV or Parquet file has for each field of the JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from apps.core.api.renderers import dumps
from apps.core.tables import Row, TableColumn

_KINDS: dict[Any, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    datetime: "time",
    list[str]: "texts",
}
_INTERVAL = tuple[float, float]


@dataclass(frozen=True)
class FlatField:
    """A field and its columns: one, or two for an interval. What no column can hold stands in it as JSON text."""

    name: str
    kind: str

    @property
    def columns(self) -> list[TableColumn]:
        if self.kind == "interval":
            return [TableColumn(f"{self.name}_low", "number"), TableColumn(f"{self.name}_high", "number")]
        return [TableColumn(self.name, "text" if self.kind == "json" else self.kind)]

    def values(self, value: Any) -> Sequence[Any]:
        if self.kind == "interval":
            return value or (None, None)
        if self.kind == "json" and value is not None:
            return (dumps(value).decode(),)
        return (value,)


@lru_cache
def flat_fields(shape: type[BaseModel]) -> tuple[FlatField, ...]:
    """In the shape's order."""
    return tuple(FlatField(name, field_kind(shape, name)) for name in shape.model_fields)


def field_kind(shape: type[BaseModel], name: str) -> str:
    """A column's kind, or `interval`, or `json` for everything else."""
    annotation: Any = shape.model_fields[name].annotation
    if get_origin(annotation) in (Union, UnionType):
        [annotation] = [each for each in get_args(annotation) if each is not NoneType]
    if annotation == _INTERVAL:
        return "interval"
    return "text" if get_origin(annotation) is Literal else _KINDS.get(annotation, "json")


def table_columns(fields: Sequence[FlatField]) -> list[TableColumn]:
    return [column for field in fields for column in field.columns]


def table_row(fields: Sequence[FlatField], row: Mapping[str, Any]) -> Row:
    return tuple(value for field in fields for value in field.values(row[field.name]))
