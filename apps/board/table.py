"""The board's table: columns, groups and cells as the template wants them."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from apps.board.agreement import against_text
from apps.board.board_shading import shading
from apps.board.text import flag_rows, half_width_text, protocol_label, provenance, value_text
from apps.results.agreement import Comparisons, against_published
from apps.results.leaderboard import Cell, Column, Row
from apps.results.query import MODEL_KEY, Query
from apps.results.ranking import ranking

if TYPE_CHECKING:
    from apps.board.board_state import Seen

Address = QueryDict
Shade = Callable[[Decimal], int | None]
ACCURACIES = ("top1", "top5")


def changed(address: Address, **parameters: str | None) -> str:
    """The address with some parameters set, or taken out where None."""
    query = address.copy()
    for name, value in parameters.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"?{query.urlencode(safe=',')}" if query else "?"


def column_headers(query: Query, address: Address) -> list[dict[str, Any]]:
    return [
        {
            "key": column.key,
            "metric_label": column.metric.label,
            "protocol_label": protocol_label(column),
            "unit": column.metric.unit,
            "help": f"{column.metric.help}. {column.protocol_title}. Column {column.key}.",
            "is_measured": column.is_measured,
            **_sort_state(query, address, column.key, is_sorted=query.sort == column, better=column.metric.direction),
        }
        for column in query.columns
    ]


def _sort_state(query: Query, address: Address, key: str, *, is_sorted: bool, better: str) -> dict[str, Any]:
    """The best value first at the first click, the other way round at the second."""
    if not is_sorted:
        return {"sorted": None, "sort_url": changed(address, sort=f"-{key}" if better == "max" else key, page=None)}
    turned = key if query.is_descending else f"-{key}"
    return {"sorted": "desc" if query.is_descending else "asc", "sort_url": changed(address, sort=turned, page=None)}


def column_groups(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """The header's first row: one group per run of columns from the same kind of protocol and device."""
    return [
        {"title": title, "is_measured": is_measured, "span": len(list(group))}
        for (title, is_measured), group in groupby(
            columns, key=lambda column: (group_title(column), column.is_measured)
        )
    ]


def group_title(column: Column) -> str:
    if column.is_measured:
        return f"Measured here: {_where(column)}"
    where = f" on {column.device_kind}" if column.device_kind else ""
    return f"Published{where}"


def _where(column: Column) -> str:
    if column.device_kind:
        return f"{column.device_kind}, {column.engine}"
    return f"accuracy, {column.engine}" if column.metric.key in ACCURACIES else "counted from the graph"


def table_rows(seen: "Seen", shown: Sequence[Row], comparisons: Comparisons) -> list[dict[str, Any]]:
    """Rows as shown: `shown` is the page of them, while the best of a column is the best of all that the filters keep.

    All columns of the board count for what stands published beside a measured value.
    """
    shades = column_shades(seen)
    beaten_by = seen.query.dominators(seen.rows)
    return [
        {
            "name": row.model,
            "url": reverse("model", args=[row.model]),
            "on_front": row.model in seen.front,
            "beaten_by": beaten_by.get(row.model, ""),
            "is_selected": seen.picture is not None and row.model in seen.picture.selected,
            "cells": _joined(
                _cell(row, column, shades[column.key], seen.board.columns, comparisons) for column in seen.query.columns
            ),
        }
        for row in shown
    ]


def _joined(cells: Iterable[SafeString]) -> SafeString:
    """One node of the template instead of thousands."""
    return mark_safe("".join(cells))  # noqa: S308 - each is what a template made


def column_shades(seen: "Seen") -> dict[str, Shade]:
    """By column, the step from the best that a value is."""
    shown = {row.model for row in seen.rows}
    return {
        column.key: shading(ranking(seen.board, column).ends(seen.board, shown), column.metric.direction)
        for column in seen.query.columns
    }


def _cell(row: Row, column: Column, shade: Shade, columns: Sequence[Column], comparisons: Comparisons) -> SafeString:
    """The cell as HTML, of which the row keeps one for every step that it was shown with: a page has a thousand."""
    cell = row.cells.get(column.key)
    step = shade(cell.value) if cell else None
    return row.written(("cell", column.key, step), _cell_html, column, step, columns, comparisons)


def _cell_html(
    row: Row, column: Column, step: int | None, columns: Sequence[Column], comparisons: Comparisons
) -> SafeString:
    cell = row.cells.get(column.key)
    shown = None
    if cell is not None:
        against = against_text(against_published(row, column, columns, comparisons))
        shown = {
            "text": value_text(column.metric, cell.value, cell.printed),
            "unit": column.metric.unit,
            "origin": cell.origin,
            "evidence": cell.evidence,
            "title": f"{provenance(column, cell)} {against}".strip(),
            "href": cell_address(cell),
            "flags": flag_rows(cell.flags),
            "is_vetted": cell.is_vetted,
            "is_best": step == 0,
            "step": step,
            "interval_text": half_width_text(cell.value, cell.interval),
            "copied_from": cell.copied_from,
        }
    return render_to_string("board/_cell.html", {"cell": shown})


def cell_address(cell: Cell) -> str:
    """Where a value can be looked into: its run, or its row among the published results."""
    if cell.run_id is not None:
        return reverse("run", args=[cell.run_id])
    return f"/api/v1/results/{cell.result_id}/"


def sorted_by_name(query: Query) -> str | None:
    return ("desc" if query.is_descending else "asc") if query.is_sorted_by_name else None


def name_sort_url(query: Query, address: Address) -> str:
    is_ascending = query.is_sorted_by_name and not query.is_descending
    return changed(address, sort=f"-{MODEL_KEY}" if is_ascending else MODEL_KEY, page=None)
