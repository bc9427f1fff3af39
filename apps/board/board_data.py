"""The whole board as one compact JSON, from which the page filters, sorts and draws without asking again.

It lies column by column: neighbours are alike, which gzip finds, and what is the same in all of a column is said once.
Sentences come without their numbers, so that thousands of values share the few that there are.

    {"columns": [{key, short, label, title, metric, protocol, group, unit, direction, measured, device, help, fraction,
                  cells: {count, gap, text, value, source, numbers, by, id, half_width, copied, flags}}],
     "usual": [key], "families": {family: title}, "rows": [[model, short, family, recipe, precision, width]],
     "texts": [text]}

`cells` has `count` values, from the first row down. Each other field is a list of as many entries, or one for all.
    gap: rows without a value before it     value: as a number; null where `text` says the same
    source, half_width, copied, flags: positions in `texts`; `NOTHING` for none
    numbers: what to put into the first hole of the source's text, into the second, and so on: a list of such fields
    by: P, R or U     id: of a result (P) or of a run
"""

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from apps.board.agreement import against_text
from apps.board.charts import axis_title, axis_unit
from apps.board.columns import default_columns
from apps.board.table import group_title
from apps.board.text import column_label, flag_label, half_width_text, origin_text, protocol_label, value_text
from apps.core.api.renderers import dumps
from apps.results.agreement import Comparisons, against_published, published_beside
from apps.results.facets import device_slug, width_text
from apps.results.leaderboard import Board, Cell, Column
from apps.results.models import Origin

NOTHING = -1
HOLE = "\0"
"""No text of the database has one."""
NUMBER = re.compile(r"\b\d+(?:[.,-]\d+)*\b")
"""A number, a date or a release that stands by itself: the 32 of "fp32" belongs to its word."""


class Texts:
    """Every text once, in the order in which it was first needed."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}

    def position(self, text: str) -> int:
        return self._positions.setdefault(text, len(self._positions)) if text else NOTHING

    def all(self) -> list[str]:
        return list(self._positions)


class Packed(NamedTuple):
    """A value with all that the page says of it."""

    gap: int
    text: str
    value: float | None
    source: int
    numbers: tuple[str, ...]
    by: str
    id: int
    half_width: int
    copied: int
    flags: int


def board_json(board: Board, comparisons: Comparisons) -> bytes:
    texts = Texts()
    columns = [_column(column) | {"cells": _cells(column, board, comparisons, texts)} for column in board.columns]
    return dumps(
        {
            "columns": columns,
            "usual": [column.key for column in default_columns(board)],
            "families": {row.family: row.family_title for row in board.rows},
            "rows": [
                [row.model, row.short, row.family, row.recipe, row.precision, width_text(row)] for row in board.rows
            ],
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


def _cells(column: Column, board: Board, comparisons: Comparisons, texts: Texts) -> dict[str, Any]:
    beside = published_beside(column, board.columns)
    packed, before = [], -1
    for position, row in enumerate(board.rows):
        if (cell := row.cells.get(column.key)) is not None:
            against = against_text(against_published(row, column, beside, comparisons))
            packed.append(_packed(column, cell, against, texts, gap=position - before - 1))
            before = position
    fields = dict(zip(Packed._fields, zip(*packed, strict=True), strict=True))
    numbers = zip_longest(*fields.pop("numbers"), fillvalue="")
    return {
        "count": len(packed),
        **{name: _once_if_alike(entries) for name, entries in fields.items()},
        "numbers": [_once_if_alike(entries) for entries in numbers],
    }


def _once_if_alike(entries: Sequence[Any]) -> Any:
    return entries[0] if len(set(entries)) == 1 else entries


def _packed(column: Column, cell: Cell, against: str, texts: Texts, *, gap: int) -> Packed:
    text = value_text(column.metric, cell.value, cell.printed)
    sentence = f"{origin_text(column, cell)}. {against}".strip()
    return Packed(
        gap=gap,
        text=text,
        value=None if _number(text) == float(cell.value) else float(cell.value),
        source=texts.position(NUMBER.sub(HOLE, sentence)),
        numbers=tuple(NUMBER.findall(sentence)),
        by=_by(cell),
        id=cell.run_id if cell.run_id is not None else cell.result_id,
        half_width=texts.position(half_width_text(cell.value, cell.interval)),
        copied=texts.position(cell.copied_from or ""),
        flags=texts.position("; ".join(map(flag_label, cell.flags))),
    )


def _number(text: str) -> float | None:
    """What the page reads from a text, which may have commas between thousands."""
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


def _by(cell: Cell) -> str:
    if cell.origin == Origin.PUBLISHED:
        return "P"
    return "R" if cell.is_vetted else "U"
