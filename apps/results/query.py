"""What an address asks of the board: columns, bounds, facets, order, Pareto front."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.http import QueryDict

from apps.core.api.parameters import check_known, number
from apps.core.errors import UserError
from apps.results.facets import FACET_KEYS, Chosen, count_choices, facet_values, is_chosen, suits, valid_values
from apps.results.leaderboard import Board, Column, Row
from apps.results.ranking import ranking

if TYPE_CHECKING:
    import pandas as pd

    from apps.compare.pareto import Objective

Bound = tuple[Column, Decimal | None, Decimal | None]
"""(column, lowest, highest)"""

MODEL_KEY = "model"
PLAIN_PARAMETERS = ("columns", "sort", "pareto", *FACET_KEYS, "q")
SEARCH_LETTERS = 100


@dataclass(frozen=True)
class Query:
    """Bounds are inclusive, in the column's unit; a row without the value is outside every bound."""

    columns: list[Column]
    pareto: list[Column] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    facets: Chosen = field(default_factory=dict)
    search: str = ""
    """Words that must all be in a model's name or its family's."""
    sort: Column | None = None
    is_sorted_by_name: bool = False
    is_descending: bool = False

    def rows(self, board: Board) -> list[Row]:
        """The rows that the query keeps, in its order. Rows without the sorted value come last in either direction."""
        places = self._places(board)
        if self.facets:
            values = facet_values(board)
            places = [place for place in places if self._suits(values[place])]
        if self.is_sorted_by_name:
            rows = [board.rows[place] for place in places]
            return sorted(rows, key=lambda row: row.model, reverse=self.is_descending)
        if self.sort is not None:
            places = ranking(board, self.sort).ordered(places, is_descending=self.is_descending)
        return [board.rows[place] for place in places]

    def counts(self, board: Board) -> dict[str, Counter[str]]:
        """How many rows each value of each facet would leave, with everything else as it is."""
        values = facet_values(board)
        return count_choices([values[place] for place in self._places(board)], self.facets)

    def front(self, rows: Sequence[Row]) -> set[str]:
        """Names of the rows on the Pareto front of what is shown; empty without objectives."""
        if not self.pareto or not rows:
            return set()
        # pandas takes a second to import: processes that never draw a front start without it.
        from apps.compare.pareto import pareto_front

        on_front = pareto_front(*self._objectives(rows))
        return {row.model for row, is_on in zip(rows, on_front, strict=True) if is_on}

    def dominators(self, rows: Sequence[Row]) -> dict[str, str]:
        """For each row that another one beats in every objective or ties with it, the model on the front that does."""
        if not self.pareto or not rows:
            return {}
        from apps.compare.pareto import dominated_by

        found = dominated_by(*self._objectives(rows))
        return {rows[position].model: winner for position, winner in zip(found.index.tolist(), found, strict=True)}

    def _objectives(self, rows: Sequence[Row]) -> tuple["pd.DataFrame", list["Objective"]]:
        import pandas as pd

        from apps.compare.pareto import Objective

        values = {c.key: [float(v) if (v := row.value(c)) is not None else None for row in rows] for c in self.pareto}
        frame = pd.DataFrame(values, dtype="float64").assign(model=[row.model for row in rows])
        return frame, [Objective(c.key, c.metric.direction) for c in self.pareto]

    def with_front(self, board: Board, keys: Sequence[str]) -> "Query":
        """The same query with these objectives, as far as the board has them."""
        return replace(self, pareto=[board.by_key[key] for key in keys if key in board.by_key])

    def with_columns(self, columns: Sequence[Column]) -> "Query":
        """The same query with those of the columns that suit its devices and origins; with all where none does."""
        return replace(self, columns=[c for c in columns if suits(c, self.facets)] or list(columns))

    def _suits(self, values: Mapping[str, set[str]]) -> bool:
        return all(is_chosen(values[key], chosen) for key, chosen in self.facets.items())

    def _places(self, board: Board) -> list[int]:
        """Where in the board the rows are that bounds and search keep, whatever the facets say."""
        within = [ranking(board, column).within(low, high) for column, low, high in self.bounds]
        places = sorted(set.intersection(*within)) if within else list(range(len(board.rows)))
        if not self.search:
            return places
        words = self.search.lower().split()
        return [place for place in places if all(word in _search_text(board.rows[place]) for word in words)]


def _search_text(row: Row) -> str:
    return row.written("search text", lambda row: f"{row.model} {row.short} {row.family_title}".lower())


def read_query(parameters: QueryDict, board: Board, *, also: Sequence[str] = ()) -> Query:
    """Read an address. Raises UserError that names the valid parameters, columns or values."""
    bounds = [name for name in parameters if name.startswith(("min.", "max."))]
    check_known(parameters, [*PLAIN_PARAMETERS, *also, *bounds])
    sort = parameters.get("sort", "")
    sort_key = sort.removeprefix("-")
    return Query(
        columns=_columns(parameters, "columns", board) or board.columns,
        pareto=_columns(parameters, "pareto", board),
        bounds=_bounds(parameters, bounds, board),
        facets=_facets(parameters, board),
        search=_search(parameters),
        sort=_column(sort_key, "sort", board) if sort_key and sort_key != MODEL_KEY else None,
        is_sorted_by_name=sort_key == MODEL_KEY,
        is_descending=sort.startswith("-"),
    )


def _facets(parameters: QueryDict, board: Board) -> dict[str, frozenset[str]]:
    """Raises UserError for a value that no row has, with those that there are."""
    chosen = {key: [v for v in parameters.get(key, "").split(",") if v] for key in FACET_KEYS if key in parameters}
    valid = valid_values(board) if chosen else {}
    for key, values in chosen.items():
        for value in values or [""]:
            if value not in valid[key]:
                message = f"{key}={value!r} is not known. Valid: {', '.join(valid[key])}; several with commas between."
                raise UserError(message, [{"field": key, "message": message}])
    return {key: frozenset(values) for key, values in chosen.items()}


def _search(parameters: QueryDict) -> str:
    text = parameters.get("q", "")
    if len(text) > SEARCH_LETTERS:
        message = f"q has {len(text)} letters: search for at most {SEARCH_LETTERS}, part of a model's or family's name."
        raise UserError(message, [{"field": "q", "message": message}])
    return text.strip()


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
        column, value = _column(key, name, board), number(parameters, name)
        bounds.append((column, value, None) if side == "min" else (column, None, value))
    return bounds
