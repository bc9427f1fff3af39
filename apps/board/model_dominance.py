"""What is better than a model in both of two columns, and what it is better than."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from apps.board.charts import FRONT_COLUMNS
from apps.board.text import column_label, value_text
from apps.results.leaderboard import Board, Column, Row

MOST_NAMED = 12


def dominance_block(board: Board, row: Row) -> dict[str, Any] | None:
    """`columns`, `is_complete`, and the models on either side; None while the board lacks one of the two columns.

    Source: `apps.compare.pareto` defines the word.
    """
    columns = [board.by_key[key] for key in FRONT_COLUMNS if key in board.by_key]
    if len(columns) < len(FRONT_COLUMNS):
        return None
    missing = [column_label(column) for column in columns if column.key not in row.cells]
    described = [{"label": column_label(column), "source": _source(column)} for column in columns]
    if missing:
        return {"columns": described, "missing": missing}
    dominating, dominated = _sides(board.rows, row, columns)
    return {
        "columns": described,
        "missing": [],
        "is_on_front": not dominating,
        "dominated_by": _named(dominating, columns),
        "dominates": _named(dominated, columns),
        "board_url": f"{reverse('board')}?{_bounds(row, columns)}",
    }


def _source(column: Column) -> str:
    return f"measured here, {column.protocol_title}" if column.is_measured else f"published, {column.protocol_title}"


def _sides(rows: Sequence[Row], row: Row, columns: Sequence[Column]) -> tuple[list[Row], list[Row]]:
    import pandas as pd

    from apps.compare.pareto import Objective, dominance

    values = {c.key: [float(v) if (v := each.value(c)) is not None else None for each in rows] for c in columns}
    objectives = [Objective(column.key, column.metric.direction) for column in columns]
    masks = dominance(pd.DataFrame(values, dtype="float64"), objectives, rows.index(row))
    dominating, dominated = ([each for each, is_in in zip(rows, mask, strict=True) if is_in] for mask in masks)
    return dominating, dominated


def _named(rows: Sequence[Row], columns: Sequence[Column]) -> dict[str, Any]:
    """The best by the first column, and how many there are."""
    direction = columns[0].metric.direction
    ordered = sorted(rows, key=lambda row: row.cells[columns[0].key].value, reverse=direction == "max")
    return {
        "count": len(rows),
        "models": [
            {"name": row.model, "url": reverse("model", args=[row.model]), "values": list(_values(row, columns))}
            for row in ordered[:MOST_NAMED]
        ],
        "more": max(len(rows) - MOST_NAMED, 0),
    }


def _values(row: Row, columns: Sequence[Column]) -> Iterable[str]:
    for column in columns:
        cell = row.cells[column.key]
        yield f"{value_text(column.metric, cell.value, cell.printed)} {column.metric.unit}".strip()


def _bounds(row: Row, columns: Sequence[Column]) -> str:
    """The board with what is at least as good in both."""
    side = {"max": "min", "min": "max"}
    bounds = [
        f"{side[c.metric.direction]}.{c.short_key or c.key}={row.cells[c.key].value.normalize():f}" for c in columns
    ]
    return "&".join(bounds)
