"""The board of one kind of device: its models and its columns, the accuracy before them."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse

from apps.board.family_rows import column_heads
from apps.board.model_siblings import marks
from apps.board.table import cell_address, changed
from apps.board.text import flag_rows, half_width_text, protocol_label, provenance, value_text
from apps.core.api.parameters import integer, one_of
from apps.results.leaderboard import Board, Cell, Column, Row

ACCURACY = "top1"
SHOWN = ("latency", "device_time")
PAGE_SIZE = 100
MODEL = "model"


def device_columns(board: Board, configurations: set[str]) -> list[Column]:
    return [column for column in board.columns if column.configuration in configurations]


def shown_columns(board: Board, columns: Sequence[Column]) -> list[Column]:
    """The accuracy and the times of a whole inference; all of them where a device has none of these."""
    times = [column for column in columns if column.metric.key in SHOWN] or list(columns)
    accuracy = next((column for column in board.columns if column.metric.key == ACCURACY), None)
    return [accuracy, *times] if accuracy else times


def device_table(
    board: Board, columns: Sequence[Column], shown: Sequence[Column], address: QueryDict
) -> dict[str, Any]:
    """`columns`, `rows` of a page, `page` and `count`. Raises UserError for a `sort` or `page` that is not valid."""
    rows = [row for row in board.rows if any(column.key in row.cells for column in columns)]
    keys = {MODEL: None, **{column.key: column for column in shown}}
    sort = address.get("sort", "")
    one_of(address, "sort", ["", *keys, *(f"-{key}" for key in keys)])
    is_descending, column = sort.startswith("-"), keys.get(sort.removeprefix("-"))
    ordered = _ordered(rows, column, is_descending=is_descending) if column else rows
    if sort.removeprefix("-") == MODEL:
        ordered = sorted(rows, key=lambda row: row.model, reverse=is_descending)
    page: Page[Row] = Paginator(ordered, PAGE_SIZE).get_page(integer(address, "page", 1, low=1, high=1_000_000))
    best = {each.key: _best(rows, each) for each in shown}
    return {
        "columns": [
            head | _sorting(each, sort, address) for head, each in zip(column_heads(shown), shown, strict=True)
        ],
        "rows": [_row(row, shown, best) for row in page],
        "count": len(rows),
        "page": page,
    }


def _ordered(rows: Sequence[Row], column: Column, *, is_descending: bool) -> list[Row]:
    """Those without the value last, in either direction."""
    having = sorted((row for row in rows if column.key in row.cells), key=lambda row: row.cells[column.key].value)
    return (having[::-1] if is_descending else having) + [row for row in rows if column.key not in row.cells]


def _best(rows: Sequence[Row], column: Column) -> Any:
    values = [row.cells[column.key].value for row in rows if column.key in row.cells]
    if len(set(values)) < 2:
        return None
    return max(values) if column.metric.direction == "max" else min(values)


def _sorting(column: Column, sort: str, address: QueryDict) -> dict[str, Any]:
    """The best value first at the first click, the other way round at the second."""
    best_first = f"-{column.key}" if column.metric.direction == "max" else column.key
    turned = column.key if best_first.startswith("-") else f"-{column.key}"
    is_sorted = sort.removeprefix("-") == column.key
    return {
        "sort_url": changed(address, sort=turned if sort == best_first else best_first, page=None),
        "where": protocol_label(column) if column.device_kind else "",
        "sorted": ("desc" if sort.startswith("-") else "asc") if is_sorted else None,
        "is_measured": column.is_measured,
        "key": column.key,
        "engine": column.engine if column.is_measured and column.device_kind else "",
    }


def _row(row: Row, columns: Sequence[Column], best: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": row.model,
        "url": reverse("model", args=[row.model]),
        "marks": marks(row),
        "cells": [_cell(column, row.cells.get(column.key), best[column.key]) for column in columns],
    }


def _cell(column: Column, cell: Cell | None, best: Any) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {
        "key": column.key,
        "text": value_text(column.metric, cell.value, cell.printed),
        "origin": cell.origin,
        "is_vetted": cell.is_vetted,
        "title": provenance(column, cell),
        "href": cell_address(cell),
        "flags": flag_rows(cell.flags),
        "is_best": cell.value == best,
        "interval_text": half_width_text(cell.value, cell.interval),
        "copied_from": cell.copied_from,
    }
