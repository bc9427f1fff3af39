"""The models nearest to one: its width series, and what shares its architecture."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from apps.board.compare_request import MOST
from apps.board.compare_table import compare_address, difference_text, relative_text
from apps.board.family_rows import column_heads, shown_columns
from apps.board.table import ACCURACIES, cell_address
from apps.board.text import provenance, value_text
from apps.catalog.models.network import Precision, Recipe
from apps.compare.differences import difference
from apps.results.leaderboard import Board, Cell, Column, Row

MOST_SHOWN = 16


def sibling_table(board: Board, row: Row) -> dict[str, Any] | None:
    """`columns`, `rows` and `compare_url`; the model's own row is among them. None for the only one of a family."""
    rows = _nearest([each for each in board.rows if each.family == row.family], row)
    columns = [each for each in shown_columns(board) if any(each.key in sibling.cells for sibling in rows)]
    if len(rows) < 2 or not columns:
        return None
    others = [each.model for each in rows if each is not row]
    return {
        "columns": column_heads(columns),
        "rows": [_row(each, row, columns) for each in rows],
        "compare_url": compare_address([row.model, *others][:MOST]),
    }


def _nearest(family: Sequence[Row], row: Row) -> list[Row]:
    """In the board's order; of a large family those whose widths are nearest."""
    own = float(row.width_multiplier)
    # Within a width the plain model counts as nearer than its variants, and the model itself nearest of all.
    distances = {
        each.model: (abs(float(each.width_multiplier) / own - 1), each is not row, each.recipe != Recipe.PLAIN)
        for each in family
    }
    kept = set(sorted(distances, key=distances.__getitem__)[:MOST_SHOWN])
    return [each for each in family if each.model in kept]


def _row(sibling: Row, row: Row, columns: Sequence[Column]) -> dict[str, Any]:
    return {
        "name": sibling.model,
        "url": reverse("model", args=[sibling.model]),
        "is_self": sibling is row,
        "width": f"{sibling.width_multiplier.normalize():f}",
        "marks": marks(sibling),
        "cells": [_cell(column, sibling.cells.get(column.key), row.cells.get(column.key)) for column in columns],
    }


def marks(row: Row) -> list[str]:
    """What sets a model apart from a plain one in FP32."""
    recipe = [str(Recipe(row.recipe).label)] if row.recipe != Recipe.PLAIN else []
    return recipe + ([str(Precision(row.precision).label)] if row.precision != Precision.FP32 else [])


def _cell(column: Column, cell: Cell | None, own: Cell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {
        "key": column.key,
        "text": value_text(column.metric, cell.value, cell.printed),
        "title": provenance(column, cell),
        "href": cell_address(cell),
        "copied_from": cell.copied_from,
        **(_against(column, cell, own) if own is not None and own is not cell else {}),
    }


def _against(column: Column, cell: Cell, own: Cell) -> dict[str, Any]:
    """Accuracies in points, all else in per cent; nothing is said of equal values."""
    found = difference(float(cell.value), float(own.value), column.metric.direction)
    is_accuracy = column.metric.key.endswith(ACCURACIES)
    return {
        "difference": (difference_text if is_accuracy else relative_text)(column.metric, found),
        "better": {True: "better", False: "worse", None: "equal"}[found.is_better],
    }
