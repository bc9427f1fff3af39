"""The whole board as one compact JSON, from which the page filters, sorts and draws without asking again.

Arrays instead of objects, and every text once: two thousand models with a dozen columns stay a few hundred kilobytes.

    {"columns": [{key, short, label, title, metric, protocol, group, unit, direction, measured, device, help,
                  fraction}],
     "usual": [key], "facets": {facet: {value: label}},
     "rows": [[model, short, family, family title, recipe, precision, width, [cell | null per column]]],
     "texts": [text]}
    cell: [value, text, source, by, id, half width, copied from, flag, flag, ...]; source, half width, copied from and
    flags are positions in `texts` (-1 for nothing); by is P, R or U and id a result's (P) or a run's.
"""

from typing import Any

from apps.board.agreement import against_text
from apps.board.charts import axis_title, axis_unit
from apps.board.columns import default_columns
from apps.board.table import group_title
from apps.board.text import column_label, flag_label, half_width_text, origin_text, protocol_label, value_text
from apps.core.api.renderers import dumps
from apps.results.agreement import Comparisons, against_published
from apps.results.facets import FACETS, device_slug, valid_values, width_text
from apps.results.leaderboard import Board, Cell, Column, Row
from apps.results.models import Origin

NOTHING = -1


class Texts:
    """Every text once, in the order in which it was first needed."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}

    def position(self, text: str) -> int:
        return self._positions.setdefault(text, len(self._positions)) if text else NOTHING

    def all(self) -> list[str]:
        return list(self._positions)


def board_json(board: Board, comparisons: Comparisons) -> bytes:
    texts = Texts()
    rows = [_row(row, board.columns, comparisons, texts) for row in board.rows]
    valid = valid_values(board)
    return dumps(
        {
            "columns": [_column(column) for column in board.columns],
            "usual": [column.key for column in default_columns(board)],
            "facets": {
                facet.key: {value: facet.labels(board).get(value, value) for value in valid[facet.key]}
                for facet in FACETS
            },
            "rows": rows,
            "texts": texts.all(),
        }
    )


def _column(column: Column) -> dict[str, Any]:
    return {
        "key": column.key,
        "short": column.short_key,
        "label": column_label(column),
        "title": axis_title(column),
        "metric": column.metric.label,
        "protocol": protocol_label(column),
        "group": group_title(column),
        "unit": column.metric.unit,
        "direction": column.metric.direction,
        "measured": column.is_measured,
        "device": device_slug(column),
        "help": f"{column.metric.help}. {column.protocol_title}. Column {column.key}.",
        "fraction": axis_unit(column.metric) == "fraction",
    }


def _row(row: Row, columns: list[Column], comparisons: Comparisons, texts: Texts) -> list[Any]:
    cells = [_cell(row, column, columns, comparisons, texts) for column in columns]
    width = width_text(row)
    return [row.model, row.short, row.family, row.family_title, row.recipe, row.precision, width, cells]


def _cell(row: Row, column: Column, columns: list[Column], comparisons: Comparisons, texts: Texts) -> list[Any] | None:
    cell = row.cells.get(column.key)
    if cell is None:
        return None
    against = against_text(against_published(row, column, columns, comparisons))
    return [
        cell.value,
        value_text(column.metric, cell.value, cell.printed),
        texts.position(f"{origin_text(column, cell)}. {against}".strip()),
        _by(cell),
        cell.run_id if cell.run_id is not None else cell.result_id,
        texts.position(half_width_text(cell.value, cell.interval)),
        texts.position(cell.copied_from or ""),
        *(texts.position(flag_label(flag)) for flag in cell.flags),
    ]


def _by(cell: Cell) -> str:
    if cell.origin == Origin.PUBLISHED:
        return "P"
    return "R" if cell.is_vetted else "U"
