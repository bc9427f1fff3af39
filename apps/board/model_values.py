"""The values of one model: the four that head its page, and all of them by device."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.urls import reverse

from apps.board.table import ACCURACIES, cell_address
from apps.board.text import flag_rows, full_label, interval_text, origin_text, protocol_label, value_text
from apps.results.leaderboard import Board, Cell, Column, Row

HEADLINES = (("top1", ""), ("latency", "Snapdragon 855"), ("latency", "Tesla T4"), ("storage", ""))
"""(metric, device kind or any) of the numbers at the head of the page."""


def headline_numbers(board: Board, row: Row) -> list[dict[str, Any]]:
    """One per entry of `HEADLINES` that the model has a value for: a published one before a measured one."""
    return [
        _headline(column, row.cells[column.key])
        for metric, device_kind in HEADLINES
        if (column := _first(board.columns, row, metric, device_kind)) is not None
    ]


def _first(columns: Sequence[Column], row: Row, metric: str, device_kind: str) -> Column | None:
    suitable = (column for column in columns if column.metric.key == metric and column.key in row.cells)
    of_device = [column for column in suitable if column.device_kind == device_kind or not device_kind]
    return min(of_device, key=lambda column: column.is_measured, default=None)


def _headline(column: Column, cell: Cell) -> dict[str, Any]:
    where = f" on {column.device_kind}" if column.device_kind else ""
    how = protocol_label(column)
    return {
        "label": f"{column.metric.label}{where}",
        "how": f"{how}, {column.engine}" if column.is_measured and column.device_kind else how,
        "text": value_text(column.metric, cell.value, cell.printed),
        "unit": column.metric.unit,
        "interval": interval_text(column.metric, cell.value, cell.interval),
        "source": f"measured in {cell.source}" if column.is_measured else f"published in {cell.source}",
        "origin": cell.origin,
        "href": cell_address(cell),
        "copied_from": cell.copied_from,
        "title": origin_text(column, cell),
    }


def value_groups(board: Board, row: Row) -> list[dict[str, Any]]:
    """All values under their device."""
    columns = [column for column in board.columns if column.key in row.cells]
    # By first appearance: a device's published and measured values stand together.
    order = list(dict.fromkeys(map(_group, columns)))
    columns.sort(key=lambda column: order.index(_group(column)))
    groups = []
    for title, found in groupby(columns, key=_group):
        of_device = list(found)
        slug = next((each.device_kind_slug for each in of_device if each.device_kind_slug), None)
        groups.append(
            {
                "title": title,
                "url": reverse("device", args=[slug]) if slug else "",
                "values": [_value(column, row.cells[column.key]) for column in of_device],
            }
        )
    return groups


def _group(column: Column) -> str:
    if column.device_kind:
        return column.device_kind
    return "Accuracy" if column.metric.key.endswith(ACCURACIES) else "Size and cost"


def _value(column: Column, cell: Cell) -> dict[str, Any]:
    return {
        "key": column.key,
        "label": full_label(column),
        "unit": column.metric.unit,
        "text": value_text(column.metric, cell.value, cell.printed),
        "value": float(cell.value),
        "interval_text": interval_text(column.metric, cell.value, cell.interval),
        "devices_text": _devices(column, cell),
        "origin_text": origin_text(column, cell),
        "origin": cell.origin,
        "is_vetted": cell.is_vetted,
        "copied_from": cell.copied_from,
        "href": cell_address(cell),
        "flags": flag_rows(cell.flags),
    }


def _devices(column: Column, cell: Cell) -> str:
    """How far the devices behind a value lie apart, where there are several."""
    if cell.device_count < 2:
        return ""
    low, high = map(column.metric.text, cell.value_range)
    return f"{cell.device_count} devices gave {low} to {high} {column.metric.unit}".strip()
