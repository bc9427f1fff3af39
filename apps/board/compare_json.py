"""A comparison as data: the same cells as the page's, for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from apps.board.compare_noise import NoiseFacts
from apps.board.compare_verdicts import verdicts
from apps.compare.differences import difference
from apps.core.tables import Row as TableRow
from apps.core.tables import TableColumn
from apps.results.leaderboard import Cell, Column, Row

COLUMNS = (
    TableColumn("model", "text"),
    TableColumn("column", "text"),
    TableColumn("metric", "text"),
    TableColumn("unit", "text", help="Of value, interval and difference"),
    TableColumn("device", "text"),
    TableColumn("protocol", "text"),
    TableColumn("engine", "text"),
    TableColumn("value", "number", unit="as the column unit says"),
    TableColumn("printed", "text"),
    TableColumn("origin", "text"),
    TableColumn("source", "text"),
    TableColumn("interval_low", "number", unit="as the column unit says"),
    TableColumn("interval_high", "number", unit="as the column unit says"),
    TableColumn("n", "integer"),
    TableColumn("flags", "texts"),
    TableColumn("copied_from", "text"),
    TableColumn("difference", "number", help="To the first model", unit="as the column unit says"),
    TableColumn("ratio", "number", help="To the first model", unit="1"),
    TableColumn("is_better", "boolean"),
    TableColumn("noise", "text", help="Whether the difference is beyond, within, exact or unknown"),
)


def comparison_json(rows: Sequence[Row], columns: Sequence[Column], noise: NoiseFacts) -> dict[str, Any]:
    return {
        "models": [row.model for row in rows],
        "verdicts": verdicts(rows, columns, noise),
        "values": compared_values(rows, columns, noise),
    }


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


def comparison_rows(values: Sequence[dict[str, Any]]) -> Iterator[TableRow]:
    return (tuple(value[column.name] for column in COLUMNS) for value in values)
