"""The table of a comparison: a row per metric and device, a column per model, differences to the first model."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.urls import reverse

from apps.board.compare_noise import NoiseFacts
from apps.board.table import ACCURACIES, cell_address, group_title
from apps.board.text import flag_rows, interval_text, protocol_label, provenance, value_text
from apps.compare.differences import Difference, Noise, difference
from apps.core.metrics import Metric
from apps.results.leaderboard import Cell, Column, Row

NOISE_TEXT: dict[Noise, str] = {
    "beyond": "different beyond noise",
    "within": "within noise",
    "exact": "",
    "unknown": "",
}


def shared_columns(rows: Sequence[Row], columns: Sequence[Column]) -> list[Column]:
    """Those in which at least one of the rows has a value."""
    return [column for column in columns if any(column.key in row.cells for row in rows)]


def model_headers(rows: Sequence[Row]) -> list[dict[str, Any]]:
    names = [row.model for row in rows]
    return [
        {
            "name": row.model,
            "url": reverse("model", args=[row.model]),
            "first_url": compare_address([row.model, *(name for name in names if name != row.model)]),
            "without_url": compare_address([name for name in names if name != row.model]) if len(names) > 2 else "",
        }
        for row in rows
    ]


def compare_address(names: Sequence[str]) -> str:
    return f"{reverse('compare')}?models={','.join(names)}"


def compared_groups(rows: Sequence[Row], columns: Sequence[Column], noise: NoiseFacts) -> list[dict[str, Any]]:
    """Rows of the table under the title of their device and origin."""
    return [
        {"title": title, "is_measured": is_measured, "rows": [_row(rows, column, noise) for column in group]}
        for (title, is_measured), group in groupby(
            columns, key=lambda column: (group_title(column), column.is_measured)
        )
    ]


def _row(rows: Sequence[Row], column: Column, noise: NoiseFacts) -> dict[str, Any]:
    values = [value for row in rows if (value := row.value(column)) is not None]
    best = None
    if len(set(values)) > 1:
        best = max(values) if column.metric.direction == "max" else min(values)
    first = rows[0].cells.get(column.key)
    return {
        "label": column.metric.label,
        "how": protocol_label(column),
        "unit": column.metric.unit,
        "help": f"{column.metric.help}. {column.protocol_title}.",
        "cells": [
            _cell(row.cells.get(column.key), None if row is rows[0] else first, column, best, noise) for row in rows
        ],
    }


def _cell(
    cell: Cell | None, first: Cell | None, column: Column, best: Decimal | None, noise: NoiseFacts
) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {
        "text": value_text(column.metric, cell.value, cell.printed),
        "title": provenance(column, cell),
        "href": cell_address(cell),
        "origin": cell.origin,
        "is_vetted": cell.is_vetted,
        "is_best": cell.value == best,
        "interval_text": interval_text(column.metric, cell.value, cell.interval),
        "flags": flag_rows(cell.flags),
        "copied_from": cell.copied_from,
        **(_against(cell, first, column, noise) if first else {}),
    }


def _against(cell: Cell, first: Cell, column: Column, noise: NoiseFacts) -> dict[str, Any]:
    found = difference(float(cell.value), float(first.value), column.metric.direction)
    said = noise.noise(column, cell, first)
    return {
        "difference": difference_text(column.metric, found),
        "relative": relative_text(column.metric, found),
        "better": {True: "better", False: "worse", None: "equal"}[found.is_better],
        "noise": said,
        "noise_text": NOISE_TEXT[said],
    }


def difference_text(metric: Metric, found: Difference) -> str:
    """With its sign and the metric's decimals; of an accuracy in points, that is hundredths."""
    if found.absolute == 0:
        return "equal"
    if metric.key.endswith(ACCURACIES):
        return f"{found.absolute * 100:+.1f} points"
    return f"{found.absolute:+,.{metric.decimals}f} {metric.unit}".strip()


def relative_text(metric: Metric, found: Difference) -> str:
    """In per cent of the first value; nothing where that says nothing."""
    if found.relative is None or found.absolute == 0:
        return ""
    return f"{found.relative * 100:+.1f} %"
