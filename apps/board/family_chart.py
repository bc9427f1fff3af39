"""The chart of a family: accuracy, latency and storage over its widths."""

from collections.abc import Sequence
from typing import Any

from apps.board.compare_chart import Specs, cached_chart
from apps.board.family_claims import PHONE, STORAGE, TOP1
from apps.board.text import column_label, source_line, value_text
from apps.catalog.models.network import Precision, Recipe
from apps.results.leaderboard import Board, Cell, Column, Row

PANELS = (TOP1, PHONE, STORAGE)
WIDE_COLUMNS, WIDE_PX, NARROW_PX = 3, 290, 260


def width_chart(board: Board, family: str) -> dict[str, Any] | None:
    """None while the family has no value in any of the panels."""
    rows = [row for row in board.rows if row.family == family]
    columns = [board.by_key[key] for key in PANELS if key in board.by_key]
    points = [point for column in columns for point in _points(rows, column)]
    if not points:
        return None
    drawn = {point["panel"] for point in points}
    panels = [_panel(column) for column in columns if column.key in drawn]
    position = list(dict.fromkeys(row.family for row in board.rows)).index(family)
    title = f"{rows[0].family_title} by width"
    data = [points, panels, position, title]
    chart = cached_chart("width", data, lambda: _build(points, panels, position, title))
    cells = (cell for row in rows for column in columns if (cell := row.cells.get(column.key)))
    return {**chart, "source": source_line(cells)}


def _panel(column: Column) -> dict[str, str]:
    unit = "fraction" if column.metric.key == "top1" else column.metric.unit
    shown = "%" if unit == "fraction" else unit
    return {
        "key": column.key,
        "title": f"{column_label(column)} ({shown})",
        "unit": unit,
        "note": column.protocol_title,
    }


def _points(rows: Sequence[Row], column: Column) -> list[dict[str, Any]]:
    """One per value that was measured for the model itself: a copied one would only hide its base."""
    series = _series(rows)
    return [
        _point(row, column, cell, "" if row.model in series.values() else _mark(row, series))
        for row in rows
        if (cell := row.cells.get(column.key)) and not cell.copied_from
    ]


def _series(rows: Sequence[Row]) -> dict[float, str]:
    """The plain FP32 model of each width; of variants of a width, the one with the shortest name."""
    plain = [row for row in rows if row.recipe == Recipe.PLAIN and row.precision == Precision.FP32]
    found: dict[float, str] = {}
    for row in sorted(plain, key=lambda row: (len(row.model), row.model)):
        found.setdefault(float(row.width_multiplier), row.model)
    return found


def _mark(row: Row, series: dict[float, str]) -> str:
    """What sets a model apart from the series: "SSLD", "int8", "swish"."""
    if row.precision != Precision.FP32:
        return row.precision
    if row.recipe != Recipe.PLAIN:
        return Recipe(row.recipe).label
    return row.model.removeprefix(series.get(float(row.width_multiplier), "")).strip("_") or row.model


def _point(row: Row, column: Column, cell: Cell, mark: str) -> dict[str, Any]:
    return {
        "panel": column.key,
        "model": row.model,
        "mark": mark,
        "text": f"{value_text(column.metric, cell.value, cell.printed)} {column.metric.unit}".strip(),
        "width": float(row.width_multiplier),
        "value": float(cell.value),
    }


def _build(points: list[dict[str, Any]], panels: list[dict[str, str]], position: int, title: str) -> Specs:
    import pandas as pd

    from apps.compare.palette import family_styles
    from apps.compare.width_curve import WidthPanel, width_curve_spec

    colours, shapes = family_styles([str(number) for number in range(position + 1)])
    frame = pd.DataFrame(points)
    shared: dict[str, Any] = {"title": title, "colour": colours[-1], "shape": shapes[-1]}
    drawn = [WidthPanel(**panel) for panel in panels]
    return {
        "title": title,
        "spec": width_curve_spec(frame, drawn, columns=WIDE_COLUMNS, panel_width=WIDE_PX, **shared),
        "narrow_spec": width_curve_spec(frame, drawn, columns=1, panel_width=NARROW_PX, **shared),
    }
