"""Families as cards of the overview, and the models of one as a table."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from apps.board.compare_request import MOST
from apps.board.compare_table import compare_address
from apps.board.family_claims import FLOPS, PARAMETERS, PHONE, STORAGE, TOP1
from apps.board.table import cell_address
from apps.board.text import protocol_label, provenance, value_text
from apps.catalog.models import Family
from apps.catalog.models.network import Precision, Recipe
from apps.results.leaderboard import Board, Cell, Column, Row

SHOWN = (TOP1, PHONE, "latency.paddleclas-t4-fp16-bs1", STORAGE, FLOPS, PARAMETERS)
RANGES = (TOP1, PHONE, STORAGE)


def shown_columns(board: Board) -> list[Column]:
    return [board.by_key[key] for key in SHOWN if key in board.by_key]


def family_cards(board: Board, families: Sequence[Family]) -> list[dict[str, Any]]:
    return [_card(board, family, [row for row in board.rows if row.family == family.slug]) for family in families]


def _card(board: Board, family: Family, rows: list[Row]) -> dict[str, Any]:
    columns = [board.by_key[key] for key in RANGES if key in board.by_key]
    return {
        "title": family.title,
        "url": reverse("family", args=[family.slug]),
        "organisation": family.organisation,
        "year": family.year,
        "overview": family.overview,
        "models": len(rows),
        "ranges": [_range(rows, column) for column in columns if any(column.key in row.cells for row in rows)],
    }


def _range(rows: Sequence[Row], column: Column) -> dict[str, str]:
    cells = sorted((cell for row in rows if (cell := row.cells.get(column.key))), key=lambda cell: cell.value)
    low, high = (value_text(column.metric, cell.value, cell.printed) for cell in (cells[0], cells[-1]))
    text = low if low == high else f"{low} to {high}"
    where = f" on {column.device_kind}" if column.device_kind else ""
    return {"label": f"{column.metric.label}{where}", "text": f"{text} {column.metric.unit}".strip()}


def model_rows(rows: Sequence[Row], columns: Sequence[Column]) -> list[dict[str, Any]]:
    return [
        {
            "name": row.model,
            "url": reverse("model", args=[row.model]),
            "width": f"{row.width_multiplier:.2f}",
            "marks": _marks(row),
            "cells": [_cell(column, row.cells.get(column.key)) for column in columns],
        }
        for row in rows
    ]


def _marks(row: Row) -> list[str]:
    """What sets a model apart from a plain one in FP32."""
    recipe = [Recipe(row.recipe).label] if row.recipe != Recipe.PLAIN else []
    precision = [Precision(row.precision).label] if row.precision != Precision.FP32 else []
    return [str(label) for label in recipe + precision]


def _cell(column: Column, cell: Cell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {
        "text": value_text(column.metric, cell.value, cell.printed),
        "title": provenance(column, cell),
        "href": cell_address(cell),
        "copied_from": cell.copied_from,
    }


def column_heads(columns: Sequence[Column]) -> list[dict[str, str]]:
    return [
        {
            "label": column.metric.label,
            "where": ", ".join(part for part in (column.device_kind, protocol_label(column)) if part),
            "unit": column.metric.unit,
            "help": f"{column.metric.help}. {column.protocol_title}.",
        }
        for column in columns
    ]


def series_address(rows: Sequence[Row]) -> str:
    """A comparison of the family's plain models, as many as fit; empty for a single one."""
    plain = [row.model for row in rows if row.recipe == Recipe.PLAIN and row.precision == Precision.FP32]
    return compare_address(plain[:MOST]) if len(plain) > 1 else ""
