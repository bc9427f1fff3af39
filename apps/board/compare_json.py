"""A comparison as data: the same cells as the page's, for programs."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from apps.board.compare_noise import NoiseFacts
from apps.compare.differences import difference
from apps.results.leaderboard import Cell, Column, Row

CSV_FIELDS = (
    "model", "column", "metric", "unit", "device", "protocol", "engine", "value", "printed", "origin", "source",
    "interval_low", "interval_high", "n", "flags", "copied_from", "difference", "ratio", "is_better", "noise",
)  # fmt: skip


def compared_values(rows: Sequence[Row], columns: Sequence[Column], noise: NoiseFacts) -> list[dict[str, Any]]:
    """One entry per model and column that has a value; differences are to the first model, null without its value."""
    return [
        _entry(row, column, cell, None if row is rows[0] else rows[0].cells.get(column.key), noise)
        for column in columns
        for row in rows
        if (cell := row.cells.get(column.key))
    ]


def _entry(row: Row, column: Column, cell: Cell, first: Cell | None, noise: NoiseFacts) -> dict[str, Any]:
    found = difference(float(cell.value), float(first.value), column.metric.direction) if first else None
    low, high = cell.interval or (None, None)
    return {
        "model": row.model,
        "column": column.key,
        "metric": column.metric.key,
        "unit": column.metric.unit,
        "device": column.device_kind or None,
        "protocol": column.protocol,
        "engine": column.engine or None,
        "value": cell.value,
        "printed": cell.printed or None,
        "origin": cell.origin,
        "source": cell.source,
        "interval_low": low,
        "interval_high": high,
        "n": cell.n,
        "flags": cell.flags,
        "copied_from": cell.copied_from,
        "difference": found.absolute if found else None,
        "ratio": found.ratio if found else None,
        "is_better": found.is_better if found else None,
        "noise": noise.noise(column, cell, first) if first else None,
    }


def comparison_csv(values: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**value, "flags": " ".join(value["flags"])} for value in values)
    return text.getvalue()
