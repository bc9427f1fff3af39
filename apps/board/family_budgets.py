"""The most accurate model of a family within round budgets, beside the best of all families."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.board.family_claims import PHONE, STORAGE, TOP1
from apps.board.text import column_label, value_text
from apps.results.leaderboard import Board, Column, Row

BUDGETED = (PHONE, "latency.paddleclas-t4-fp16-bs1", STORAGE)


def budget_tables(board: Board, family: str) -> list[dict[str, Any]]:
    """One table per column that the board has; its budgets are the round numbers among all of its values."""
    top1 = board.by_key.get(TOP1)
    columns = [board.by_key[key] for key in BUDGETED if key in board.by_key]
    return [_table(board, family, column, top1) for column in columns] if top1 else []


def _table(board: Board, family: str, column: Column, top1: Column) -> dict[str, Any]:
    own = [row for row in board.rows if row.family == family]
    return {
        "label": column_label(column),
        "unit": column.metric.unit,
        "rows": [_row(limit, column, top1, own, board.rows) for limit in _limits(board.rows, column)],
    }


def _limits(rows: Sequence[Row], column: Column) -> list[float]:
    from apps.compare.axis import round_numbers

    values = [float(value) for row in rows if (value := row.value(column)) is not None and value > 0]
    return (
        [limit for limit in round_numbers(min(values), max(values)) if min(values) <= limit <= max(values)]
        if values
        else []
    )


def _row(limit: float, column: Column, top1: Column, own: Sequence[Row], everything: Sequence[Row]) -> dict[str, Any]:
    best, best_of_all = (_best(rows, limit, column, top1) for rows in (own, everything))
    query = {f"max.{column.key}": f"{limit:g}", "sort": f"-{top1.key}"}
    return {
        "limit": f"{limit:g}",
        "best": best,
        "best_of_all": best_of_all,
        "is_best_of_all": best is not None and best == best_of_all,
        "url": f"{reverse('board')}?{urlencode(query)}",
    }


def _best(rows: Sequence[Row], limit: float, column: Column, top1: Column) -> dict[str, Any] | None:
    """Of equally accurate models the one that costs least."""
    within = [
        (-accuracy, cost, row.model, row)
        for row in rows
        if (cost := row.value(column)) is not None and cost <= limit and (accuracy := row.value(top1)) is not None
    ]
    if not within:
        return None
    row = min(within, key=lambda each: each[:3])[-1]
    spent, right = row.cells[column.key], row.cells[top1.key]
    return {
        "model": row.model,
        "url": reverse("model", args=[row.model]),
        "top1": value_text(top1.metric, right.value, right.printed),
        "cost": value_text(column.metric, spent.value, spent.printed),
    }
