"""Charts of the pages: frame, spec, and the SVG that a page without JavaScript shows, cached by the spec's hash."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from django.core.cache import cache
from django.utils.safestring import SafeString, mark_safe
from redis.exceptions import RedisError

from apps.core.metrics import Metric
from apps.results.leaderboard import Board, Cell, Column, Row

WIDE_PX, NARROW_PX = 860, 330
SVG_LIFE_S = 7 * 24 * 3600
FRONT_COLUMNS = ("top1.paddleclas-accuracy", "latency.paddleclas-sd855-bs1")


def scatter_chart(board: Board, rows: Sequence[Row], *, y_key: str, x_key: str) -> dict[str, Any] | None:
    """The chart of two columns over these rows, for `core/chart.html`; None while a column does not exist."""
    x, y = board.by_key.get(x_key), board.by_key.get(y_key)
    if x is None or y is None:
        return None
    shown = {row.model for row in rows}
    # All models in the board's own order, those not shown without values: so families keep their colours.
    points = [_point(row if row.model in shown else replace(row, cells={}), x, y) for row in board.rows]
    return _cached("scatter", points, x, y)


def _cached(kind: str, points: list[dict[str, Any]], x: Column, y: Column) -> dict[str, Any]:
    """Build the specs only when the points changed: altair alone takes a second to import."""
    key = f"chart:{kind}:{_digest([points, x.key, y.key])}"
    try:
        if found := cache.get(key):
            return _safe(found)
    except RedisError:
        return _safe(_build(points, x, y))
    chart = _build(points, x, y)
    cache.set(key, chart, SVG_LIFE_S)
    return _safe(chart)


def _safe(chart: dict[str, Any]) -> dict[str, Any]:
    """Our own SVGs, drawn from escaped specs, as templates take them."""
    return {**chart, "svg": _svg(chart["svg"]), "narrow": {**chart["narrow"], "svg": _svg(chart["narrow"]["svg"])}}


def _svg(text: str) -> SafeString:
    return mark_safe(text)  # noqa: S308 - vl-convert escapes what the spec says


def _build(points: list[dict[str, Any]], x: Column, y: Column) -> dict[str, Any]:
    import pandas as pd

    from apps.compare.axis import Axis
    from apps.compare.scatter import scatter_spec
    from apps.compare.summary import chart_summary
    from apps.compare.svg import render_svg

    frame = pd.DataFrame(points, columns=list(_EMPTY_POINT)).astype({"x": float, "y": float})
    x_axis = Axis(
        _axis_title(x), _axis_unit(x.metric), x.metric.direction, "log" if x.metric.unit == "ms" else "linear"
    )
    y_axis = Axis(_axis_title(y), _axis_unit(y.metric), y.metric.direction)
    title = f"{_axis_title(y)} against {_axis_title(x, in_sentence=True)}"
    subtitle = _subtitle(x, y)
    wide = scatter_spec(frame, x=x_axis, y=y_axis, title=title, subtitle=subtitle, width=WIDE_PX)
    narrow = scatter_spec(frame, x=x_axis, y=y_axis, title=title, subtitle=subtitle, width=NARROW_PX, height=380)
    return {
        "title": title,
        "summary": chart_summary(frame, x=x_axis, y=y_axis),
        "spec": wide,
        "svg": render_svg(wide, element_id="board-chart-svg"),
        "narrow": {"spec": narrow, "svg": render_svg(narrow, element_id="board-chart-narrow-svg")},
    }


_EMPTY_POINT = dict.fromkeys(
    (
        "model", "short", "family", "family_title", "recipe", "precision", "width_multiplier",
        "x", "y", "x_printed", "y_printed", "x_origin", "y_origin", "flags",
    )
)  # fmt: skip


def _point(row: Row, x: Column, y: Column) -> dict[str, Any]:
    x_cell, y_cell = row.cells.get(x.key), row.cells.get(y.key)
    return {
        "model": row.model,
        "short": row.short,
        "family": row.family,
        "family_title": row.family_title,
        "recipe": row.recipe,
        "precision": row.precision,
        "width_multiplier": float(row.width_multiplier),
        "x": float(x_cell.value) if x_cell else None,
        "y": float(y_cell.value) if y_cell else None,
        "x_printed": _printed(x, x_cell),
        "y_printed": _printed(y, y_cell),
        "x_origin": x_cell.source if x_cell else "",
        "y_origin": y_cell.source if y_cell else "",
        "flags": ", ".join([*(x_cell.flags if x_cell else []), *(y_cell.flags if y_cell else [])]),
    }


def _printed(column: Column, cell: Cell | None) -> str:
    return (cell.printed or column.metric.text(cell.value)) if cell else ""


def _axis_title(column: Column, *, in_sentence: bool = False) -> str:
    """ "Latency on Snapdragon 855"; names such as MACs keep their capitals in a sentence."""
    label = column.metric.label
    if in_sentence and label[1:].islower():
        label = label.lower()
    return f"{label} on {column.device_kind}" if column.device_kind else label


def _axis_unit(metric: Metric) -> str:
    return metric.unit or ("fraction" if metric.key.endswith(("top1", "top5")) else "")


def _subtitle(x: Column, y: Column) -> str:
    return f"{x.protocol_title} · {y.protocol_title}"


def samples_chart(processes: Sequence[dict[str, Any]], *, title: str) -> dict[str, Any]:
    """Every sample of a run in order, for `core/chart.html`."""
    import pandas as pd

    from apps.compare.order_plot import order_plot_spec

    rows = [
        {"process": number, "position": position, "wall_ms": wall_ns / 1e6}
        for number, process in enumerate(processes, start=1)
        for position, wall_ns in enumerate(process["wall_ns"], start=1)
    ]
    frame = pd.DataFrame(rows)
    spec = order_plot_spec(frame, title=title)
    narrow = order_plot_spec(frame, title=title, width=NARROW_PX)
    return {
        "title": title,
        "spec": spec,
        "svg": _samples_svg(spec, "samples-chart-svg"),
        "narrow": {"spec": narrow, "svg": _samples_svg(narrow, "samples-chart-narrow-svg")},
    }


def _samples_svg(spec: dict[str, Any], element_id: str) -> SafeString:
    from apps.compare.svg import render_svg

    key = f"chart:samples:{_digest(spec)}"
    try:
        svg = cache.get(key)
        if svg is None:
            svg = render_svg(spec, element_id=element_id)
            cache.set(key, svg, SVG_LIFE_S)
    except RedisError:
        svg = render_svg(spec, element_id=element_id)
    return _svg(svg)


def _digest(data: Any) -> str:
    return hashlib.sha256(orjson.dumps(data)).hexdigest()
