"""What an address asks of the board: columns, bounds, facets, order, Pareto front."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from django.http import QueryDict

from apps.catalog.models.network import Precision, Recipe
from apps.core.api.parameters import check_known, one_of
from apps.core.errors import UserError
from apps.results.leaderboard import Board, Column, Row

Bound = tuple[Column, Decimal | None, Decimal | None]
"""(column, lowest, highest)"""

MODEL_KEY = "model"
PLAIN_PARAMETERS = ("columns", "sort", "pareto", "family", "recipe", "precision")


@dataclass(frozen=True)
class Query:
    """Bounds are inclusive, in the column's unit; a row without the value is outside every bound."""

    columns: list[Column]
    pareto: list[Column] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    family: str | None = None
    recipe: str | None = None
    precision: str | None = None
    sort: Column | None = None
    is_sorted_by_name: bool = False
    is_descending: bool = False

    def rows(self, board: Board) -> list[Row]:
        """The rows that the query keeps, in its order. Rows without the sorted value come last in either direction."""
        kept = [row for row in board.rows if self._keeps(row)]
        if self.is_sorted_by_name:
            return sorted(kept, key=lambda row: row.model, reverse=self.is_descending)
        if self.sort is None:
            return kept
        column = self.sort
        with_value = [row for row in kept if row.value(column) is not None]
        with_value.sort(key=lambda row: row.value(column) or Decimal(0), reverse=self.is_descending)
        return with_value + [row for row in kept if row.value(column) is None]

    def front(self, rows: Sequence[Row]) -> set[str]:
        """Names of the rows on the Pareto front of what is shown; empty without objectives."""
        if not self.pareto or not rows:
            return set()
        # pandas takes a second to import: processes that never draw a front start without it.
        import pandas as pd

        from apps.compare.pareto import Objective, pareto_front

        values = {c.key: [float(v) if (v := row.value(c)) is not None else None for row in rows] for c in self.pareto}
        frame = pd.DataFrame(values, dtype="float64")
        on_front = pareto_front(frame, [Objective(c.key, c.metric.direction) for c in self.pareto])
        return {row.model for row, is_on in zip(rows, on_front, strict=True) if is_on}

    def with_front(self, board: Board, keys: Sequence[str]) -> "Query":
        """The same query with these objectives, as far as the board has them."""
        return replace(self, pareto=[board.by_key[key] for key in keys if key in board.by_key])

    def _keeps(self, row: Row) -> bool:
        if self.family and row.family != self.family:
            return False
        if (self.recipe and row.recipe != self.recipe) or (self.precision and row.precision != self.precision):
            return False
        return all(_within(row.value(column), low, high) for column, low, high in self.bounds)


def _within(value: Decimal | None, low: Decimal | None, high: Decimal | None) -> bool:
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def read_query(parameters: QueryDict, board: Board, *, also: Sequence[str] = ()) -> Query:
    """Read an address. Raises UserError that names the valid parameters, columns or values."""
    bounds = [name for name in parameters if name.startswith(("min.", "max."))]
    check_known(parameters, [*PLAIN_PARAMETERS, *also, *bounds])
    families = sorted({row.family for row in board.rows})
    sort = parameters.get("sort", "")
    sort_key = sort.removeprefix("-")
    return Query(
        columns=_columns(parameters, "columns", board) or board.columns,
        pareto=_columns(parameters, "pareto", board),
        bounds=_bounds(parameters, bounds, board),
        family=one_of(parameters, "family", families),
        recipe=one_of(parameters, "recipe", Recipe.values),
        precision=one_of(parameters, "precision", Precision.values),
        sort=_column(sort_key, "sort", board) if sort_key and sort_key != MODEL_KEY else None,
        is_sorted_by_name=sort_key == MODEL_KEY,
        is_descending=sort.startswith("-"),
    )


def _columns(parameters: QueryDict, name: str, board: Board) -> list[Column]:
    keys = [key for key in parameters.get(name, "").split(",") if key]
    return [_column(key, name, board) for key in keys]


def _column(key: str, parameter: str, board: Board) -> Column:
    column = board.by_key.get(key)
    if column is None:
        valid = ", ".join(sorted(board.by_key))
        message = f"There is no column {key!r}. A key is <metric>.<configuration>; valid ones: {valid}."
        raise UserError(message, [{"field": parameter, "message": message}])
    return column


def _bounds(parameters: QueryDict, names: Sequence[str], board: Board) -> list[Bound]:
    bounds: list[Bound] = []
    for name in names:
        side, _, key = name.partition(".")
        column, value = _column(key, name, board), _number(name, parameters.get(name, ""))
        bounds.append((column, value, None) if side == "min" else (column, None, value))
    return bounds


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        message = f"{name}={text!r} must be a number, with a point as decimal mark."
        raise UserError(message, [{"field": name, "message": message}])
    return number
