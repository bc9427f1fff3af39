"""The board as a wide table: one row per model, each value beside where it comes from."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from apps.core.tables import Row as TableRow
from apps.core.tables import TableColumn
from apps.results.facets import width_text
from apps.results.leaderboard import Cell, Column, Row


def wide_columns(columns: Sequence[Column]) -> list[TableColumn]:
    """The unit of a value is in its column's name, since a CSV file has no other place for it."""
    about = ("model", "family", "recipe", "precision")
    values = [each for column in columns for each in _value_and_source(column)]
    known = [TableColumn(name, "text") for name in about]
    return [*known, TableColumn("width_multiplier", "number"), TableColumn("on_front", "boolean"), *values]


def wide_rows(rows: Sequence[Row], columns: Sequence[Column], front: Collection[str] | None) -> Iterator[TableRow]:
    """A value has its published digits; a missing one is empty. Without a front nothing is on it or off it."""
    for row in rows:
        is_on_front = None if front is None else row.model in front
        yield (
            *(row.model, row.family, row.recipe, row.precision, width_text(row), is_on_front),
            *(text for column in columns for text in _cell_texts(row.cells.get(column.key))),
        )


def _value_and_source(column: Column) -> Iterator[TableColumn]:
    unit = column.metric.unit
    said = f"{column.metric.label}: {column.protocol_title}"
    yield TableColumn(f"{column.key} [{unit}]" if unit else column.key, "number", help=said, unit=unit)
    yield TableColumn(f"{column.key} source", "text", help="Document or run, and what is odd about the value")


def _cell_texts(cell: Cell | None) -> tuple[Any, Any]:
    if cell is None:
        return None, None
    return cell.printed or f"{cell.value.normalize():f}", "; ".join([cell.source, *cell.flags])
