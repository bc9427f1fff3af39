"""What people sent in of one model, apart from what is published and measured."""

from typing import Any

from apps.board.text import column_label, flag_rows
from apps.results.leaderboard import Cell, Column
from apps.results.models import Evidence
from apps.results.submitted_board import submitted_cells


def submitted_values(model: str) -> list[dict[str, Any]]:
    """The newest of each column, and how far all that were sent in lie apart."""
    return [_value(column, cell) for column, cell in submitted_cells(model)]


def _value(column: Column, cell: Cell) -> dict[str, Any]:
    metric = column.metric
    low, high = map(metric.text, cell.value_range)
    return {
        "key": column.key,
        "label": f"{column_label(column)}, {column.engine}" if column.engine else column_label(column),
        "text": metric.text(cell.value),
        "value": float(cell.value),
        "unit": metric.unit,
        "printed": cell.printed,
        "range_text": f"{low} to {high}" if low != high else "",
        "submitters": cell.owner_count,
        "origin": cell.origin,
        "origin_text": _origin(column, cell),
        "href": f"/api/v1/submissions/{cell.submission_id}/",
        "flags": flag_rows(cell.flags),
    }


def _origin(column: Column, cell: Cell) -> str:
    """What its sender says stands behind it."""
    parts = [f"{cell.source} under {column.protocol}", Evidence(cell.evidence).label]
    if cell.evidence == Evidence.PUBLISHED:
        parts[1] = "quoted from elsewhere"
    if cell.statistic:
        parts.append(f"{cell.statistic}, n = {cell.n:,}" if cell.n else cell.statistic)
    if cell.measured_at:
        parts.append(f"{cell.measured_at:%Y-%m-%d}")
    return "; ".join(parts)
