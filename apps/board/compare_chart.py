"""Charts of the pages that compare: specs of a wide and a narrow page, their SVG, cached by content."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.safestring import mark_safe

from apps.board.compare_verdicts import headline_columns
from apps.board.kept import kept
from apps.board.text import source_line, value_text
from apps.results.leaderboard import Board, Column, Row

COMPLEXITIES = ("flops_paddle", "flops_2mac", "params_paddle", "params")
WIDE_COLUMNS, WIDE_PX = 3, 230
NARROW_PX = 210

Specs = dict[str, Any]
"""`title`, `spec` and `narrow_spec`."""


def cached_chart(kind: str, data: Any, build: Callable[[], Specs]) -> dict[str, Any]:
    """A chart for `core/chart.html`. `data` is all that `build` depends on: only what changed is drawn again."""
    chart = kept(f"chart:{kind}", data, lambda: _drawn(kind, build()))
    return {
        "title": chart["title"],
        "summary": chart["summary"],
        "spec": chart["spec"],
        "svg": mark_safe(chart["svg"]),  # noqa: S308 - vl-convert escapes what the spec says
        "narrow": {"spec": chart["narrow_spec"], "svg": mark_safe(chart["narrow_svg"])},  # noqa: S308
    }


def _drawn(kind: str, specs: Specs) -> dict[str, Any]:
    from apps.compare.svg import render_svg

    return {
        "summary": "",
        **specs,
        "svg": render_svg(specs["spec"], element_id=f"{kind}-svg"),
        "narrow_svg": render_svg(specs["narrow_spec"], element_id=f"{kind}-narrow-svg"),
    }


def bar_chart(board: Board, rows: Sequence[Row]) -> dict[str, Any] | None:
    """A panel per headline column, FLOPs and parameters; None where no row has any of these values."""
    columns = _panel_columns(rows, board.columns)
    if not columns:
        return None
    families = list(dict.fromkeys(row.family_title for row in board.rows))
    panels = [{"key": column.key, "title": _title(column), "note": _note(column)} for column in columns]
    names = _names(rows)
    bars = [_bar(row, names[row.model], column) for column in columns for row in rows]
    chart = cached_chart("bars", [bars, panels, families], lambda: _build(bars, panels, families))
    drawn = (cell for row in rows for column in columns if (cell := row.cells.get(column.key)))
    return {**chart, "source": source_line(drawn)}


def _panel_columns(rows: Sequence[Row], columns: Sequence[Column]) -> list[Column]:
    found = headline_columns(rows, columns)
    counted: dict[str, Column] = {}
    for column in columns:
        if column.metric.key in COMPLEXITIES and any(column.key in row.cells for row in rows):
            # "flops" and "params", by whichever counter the board has first.
            counted.setdefault(column.metric.key.partition("_")[0], column)
    return [*found, *counted.values()]


def _title(column: Column) -> str:
    return f"{column.metric.label}{f' on {column.device_kind}' if column.device_kind else ''}"


def _note(column: Column) -> str:
    return f"Measured here: {column.protocol_title}" if column.is_measured else column.protocol_title


def _names(rows: Sequence[Row]) -> dict[str, str]:
    """Short names, where they tell the models apart."""
    shorts = {row.short for row in rows}
    return {row.model: row.short if len(shorts) == len(rows) else row.model for row in rows}


def _bar(row: Row, name: str, column: Column) -> dict[str, Any]:
    bar = {"panel": column.key, "model": row.model, "short": name, "family_title": row.family_title}
    cell = row.cells.get(column.key)
    if cell is None:
        return {**bar, "text": "no value", "value": None, "low": None, "high": None}
    low, high = cell.interval or (None, None)
    text = f"{value_text(column.metric, cell.value, cell.printed)} {column.metric.unit}".strip()
    return {
        **bar,
        "text": text,
        "value": float(cell.value),
        "low": None if low is None else float(low),
        "high": None if high is None else float(high),
    }


def _build(bars: list[dict[str, Any]], panels: list[dict[str, str]], families: list[str]) -> Specs:
    import pandas as pd

    from apps.compare.bar_panels import Panel, bar_panels_spec

    frame = pd.DataFrame(bars).astype({"value": float, "low": float, "high": float})
    title = f"{frame['model'].nunique()} models, metric by metric"
    drawn = [Panel(**panel) for panel in panels]
    shared: dict[str, Any] = {"title": title, "families": families}
    return {
        "title": title,
        "spec": bar_panels_spec(frame, drawn, columns=WIDE_COLUMNS, panel_width=WIDE_PX, **shared),
        "narrow_spec": bar_panels_spec(frame, drawn, columns=1, panel_width=NARROW_PX, **shared),
    }
