"""The numbers of a figure: one line per model, each value with where it comes from."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from apps.board.table import cell_address
from apps.board.text import column_label, value_text
from apps.catalog.models.network import Precision, Recipe
from apps.results.leaderboard import Board, Cell, Column, Row


@dataclass(frozen=True)
class Field:
    """A column of the figure's table: one of the board, or one computed from some of them."""

    key: str
    title: str
    unit: str


@dataclass(frozen=True)
class Value:
    """`text` is the number as printed or, where it is computed, rounded; `href` leads to where it comes from."""

    number: float
    text: str
    source: str
    href: str = ""
    is_run: bool = False
    is_copied: bool = False


@dataclass(frozen=True)
class Line:
    """A model with its values by field; a missing value has no entry."""

    row: Row
    values: dict[str, Value]

    def number(self, key: str) -> float | None:
        value = self.values.get(key)
        return value.number if value else None


@dataclass(frozen=True)
class Content:
    fields: list[Field]
    lines: list[Line]

    def of_families(self, families: Collection[str]) -> "Content":
        """The same of these families; of all where none is named."""
        return Content(self.fields, [line for line in self.lines if not families or line.row.family in families])

    def facts(self) -> list[Any]:
        """All that a picture of it depends on, as plain data."""
        values = [
            [line.row.model, line.row.family, [[k, v.number, v.text, v.source] for k, v in line.values.items()]]
            for line in self.lines
        ]
        return [[[field.key, field.title, field.unit] for field in self.fields], values]

    def sources(self) -> list[str]:
        """Documents by name; of runs how many, since each has a page of its own."""
        values = [value for line in self.lines for value in line.values.values() if value.source]
        documents = list(dict.fromkeys(value.source for value in values if not value.is_run))
        runs = len({value.source for value in values if value.is_run})
        return documents + ([f"{runs} run{'' if runs == 1 else 's'} of this site's agents"] if runs else [])


def board_content(board: Board, keys: Sequence[str], *, with_copies: bool = False) -> Content:
    """These columns of the board, as far as it has them. Values that a document only repeats are left out by default:

    they would be the base model's a second time.
    """
    columns = [board.by_key[key] for key in keys if key in board.by_key]
    fields = [Field(column.key, column_label(column), column.metric.unit) for column in columns]
    lines = [Line(row, dict(_values(row, columns, with_copies))) for row in board.rows]
    return Content(fields, [line for line in lines if line.values])


def computed(content: Content, field: Field, compute: Callable[[Line], float | None], text: str) -> Content:
    """The content with one more field, where `compute` gives a value of it. `text` is its format."""

    def with_value(line: Line) -> Line:
        number = compute(line)
        if number is None:
            return line
        return Line(line.row, {**line.values, field.key: Value(number, format(number, text), "")})

    return Content([*content.fields, field], list(map(with_value, content.lines)))


def is_plain(row: Row) -> bool:
    """Trained without a teacher, in FP32."""
    return row.recipe == Recipe.PLAIN and row.precision == Precision.FP32


def series(lines: Iterable[Line]) -> list[Line]:
    """The plain model of each family and width; of variants of a width, the one with the shortest name."""
    found: dict[tuple[str, float], Line] = {}
    for line in sorted(lines, key=lambda line: (len(line.row.model), line.row.model)):
        if is_plain(line.row):
            found.setdefault((line.row.family, float(line.row.width_multiplier)), line)
    return sorted(found.values(), key=lambda line: (line.row.family, line.row.width_multiplier))


def _values(row: Row, columns: Sequence[Column], with_copies: bool) -> Iterator[tuple[str, Value]]:
    for column in columns:
        cell = row.cells.get(column.key)
        if cell and (with_copies or not cell.copied_from):
            yield column.key, _value(column, cell)


def _value(column: Column, cell: Cell) -> Value:
    text = value_text(column.metric, cell.value, cell.printed)
    is_run, is_copied = cell.run_id is not None, cell.copied_from is not None
    return Value(float(cell.value), text, cell.source, cell_address(cell), is_run, is_copied)
