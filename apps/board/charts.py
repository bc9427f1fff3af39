"""Charts of the pages: frame, spec, and the SVG that a page without JavaScript shows, cached by the spec's hash."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from apps.board.board_picture import Picture, Scale, usual_scale
from apps.board.device_readings import Readings
from apps.board.kept import digest, kept
from apps.board.text import column_label
from apps.core.metrics import Metric
from apps.results.leaderboard import Board, Cell, Column, Row

if TYPE_CHECKING:
    from apps.compare.axis import Axis

WIDE_PX, NARROW_PX = 860, 330
FRONT_COLUMNS = ("top1.paddleclas-accuracy", "latency.paddleclas-sd855-bs1")
"""(y, x) of the chart that the board shows first."""


def scatter_chart(
    board: Board, rows: Sequence[Row], *, y_key: str, x_key: str, picture: Picture | None = None
) -> dict[str, Any] | None:
    """The chart of two columns over these rows, for `core/chart.html`; None while a column does not exist.

    `picture` says more than the two columns: scales, size, zoom and what is picked out.
    """
    x, y = board.by_key.get(x_key), board.by_key.get(y_key)
    if x is None or y is None:
        return None
    return draw_picture(board, rows, picture or Picture(x, y, None, usual_scale(x), usual_scale(y), None, ()))


def draw_picture(board: Board, rows: Sequence[Row], picture: Picture) -> dict[str, Any]:
    """`picture_specs` and the SVGs that a page without JavaScript shows."""
    about = _about(board, rows, picture)
    return _safe(kept("chart:scatter", about, lambda: _with_svgs(picture_specs(board, rows, picture))))


def board_figure(board: Board, rows: Sequence[Row], picture: Picture) -> dict[str, Any]:
    """`title`, `summary` and `html` of the board's own chart: as text, since its specs take long to read and write."""
    release = getattr(staticfiles_storage, "manifest_hash", "")
    found = kept("chart:board", [*_about(board, rows, picture), release], lambda: _figure(board, rows, picture))
    return {**found, "html": _svg(found["html"])}


def _figure(board: Board, rows: Sequence[Row], picture: Picture) -> dict[str, Any]:
    chart = _safe(_with_svgs(picture_specs(board, rows, picture)))
    html = render_to_string("core/chart.html", {"chart": chart, "chart_id": "board-chart"})
    return {"title": chart["title"], "summary": chart["summary"], "html": str(html)}


def picture_specs(board: Board, rows: Sequence[Row], picture: Picture) -> dict[str, Any]:
    """`title`, `summary`, `spec` and `narrow.spec` of the chart."""
    shown = {row.model for row in rows}

    def build() -> dict[str, Any]:
        points = [_point(row, picture) | {"is_shown": row.model in shown} for row in board.rows]
        return _build(points, picture)

    return kept("chart:specs", _about(board, rows, picture), build)


def _about(board: Board, rows: Sequence[Row], picture: Picture) -> list[Any]:
    """All that the chart depends on, in few bytes."""
    shown = {row.model for row in rows}
    mask = "".join("1" if row.model in shown else "0" for row in board.rows)
    return [board.derived(_points_digest, replace(picture, zoom=None, selected=())), mask, *_key(picture)]


def _points_digest(board: Board, picture: Picture) -> str:
    # All models in the board's own order, so that families keep their colours and axes stay where they are.
    return digest([_point(row, picture) for row in board.rows])


def _key(picture: Picture) -> list[Any]:
    size = picture.size.key if picture.size else None
    axes = [picture.x.key, picture.y.key, size, picture.x_scale, picture.y_scale]
    return [*axes, picture.zoom, [column.protocol_title for column in (picture.x, picture.y)], picture.selected]


def _with_svgs(specs: dict[str, Any]) -> dict[str, Any]:
    from apps.compare.svg import render_svg

    narrow = specs["narrow"]["spec"]
    return {
        **specs,
        "svg": render_svg(specs["spec"], element_id="board-chart-svg"),
        "narrow": {"spec": narrow, "svg": render_svg(narrow, element_id="board-chart-narrow-svg")},
    }


def _safe(chart: dict[str, Any]) -> dict[str, Any]:
    """Our own SVGs, drawn from escaped specs, as templates take them."""
    return {**chart, "svg": _svg(chart["svg"]), "narrow": {**chart["narrow"], "svg": _svg(chart["narrow"]["svg"])}}


def _svg(text: str) -> SafeString:
    return mark_safe(text)  # noqa: S308 - vl-convert escapes what the spec says


def _build(points: list[dict[str, Any]], picture: Picture) -> dict[str, Any]:
    import pandas as pd

    from apps.compare.scatter import scatter_spec
    from apps.compare.summary import chart_summary

    columns = [name for name in _COLUMNS if picture.size or not name.startswith("size")]
    numbers = {name: float for name in ("x", "y", "size") if name in columns}
    frame = pd.DataFrame(points, columns=columns).astype({**numbers, "is_shown": bool})
    x, y = axis_of(picture.x, picture.x_scale), axis_of(picture.y, picture.y_scale)
    title = f"{y.title} against {_in_sentence(x.title, picture.x)}"
    options: dict[str, Any] = {
        "x": x,
        "y": y,
        "title": title,
        "subtitle": _subtitle(picture.x, picture.y),
        "domains": (picture.zoom[:2], picture.zoom[2:]) if picture.zoom else None,
        "marked": picture.selected,
        "size": axis_of(picture.size) if picture.size else None,
    }
    return {
        "title": title,
        "summary": chart_summary(frame[frame["is_shown"]], x=x, y=y),
        "spec": scatter_spec(frame, width=WIDE_PX, **options),
        "narrow": {"spec": scatter_spec(frame, width=NARROW_PX, height=380, **options)},
    }


def axis_of(column: Column, scale: Scale | None = None) -> "Axis":
    """The axis on which a column is drawn."""
    from apps.compare.axis import Axis

    return Axis(axis_title(column), axis_unit(column.metric), column.metric.direction, scale or usual_scale(column))


_COLUMNS = (
    "model", "short", "family", "family_title", "recipe", "precision", "width_multiplier", "flags", "is_shown",
    "x", "y", "size", "x_printed", "y_printed", "x_origin", "y_origin", "size_text",
)  # fmt: skip


def _point(row: Row, picture: Picture) -> dict[str, Any]:
    x_cell, y_cell = row.cells.get(picture.x.key), row.cells.get(picture.y.key)
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
        "x_printed": _printed(picture.x, x_cell),
        "y_printed": _printed(picture.y, y_cell),
        "x_origin": x_cell.source if x_cell else "",
        "y_origin": y_cell.source if y_cell else "",
        "flags": ", ".join([*(x_cell.flags if x_cell else []), *(y_cell.flags if y_cell else [])]),
        **_size(row, picture.size),
    }


def _size(row: Row, column: Column | None) -> dict[str, Any]:
    if column is None:
        return {}
    cell = row.cells.get(column.key)
    text = f"{_printed(column, cell)} {column.metric.unit} ({cell.source})" if cell else "no value"
    return {"size": float(cell.value) if cell else None, "size_text": text}


def _printed(column: Column, cell: Cell | None) -> str:
    return (cell.printed or column.metric.text(cell.value)) if cell else ""


def axis_title(column: Column) -> str:
    """ "Latency on Snapdragon 855, batch 1"; of a measured column with the engine, to tell it from a published one."""
    return f"{column_label(column)}, {column.engine}" if column.is_measured and column.engine else column_label(column)


def _in_sentence(title: str, column: Column) -> str:
    """Names such as MACs keep their capitals in a sentence."""
    label = column.metric.label
    return title.replace(label, label.lower(), 1) if label[1:].islower() else title


def axis_unit(metric: Metric) -> str:
    return metric.unit or ("fraction" if metric.key.endswith(("top1", "top5")) else "")


def _subtitle(x: Column, y: Column) -> str:
    return " · ".join(dict.fromkeys((x.protocol_title, y.protocol_title)))


def samples_chart(
    processes: Sequence[dict[str, Any]], *, title: str, source: str, flags: Sequence[str]
) -> dict[str, Any]:
    """Every sample of a run or a submission in order, for `core/chart.html`."""
    import numpy as np
    import pandas as pd

    from apps.compare.order_plot import order_plot_spec
    from runners.statistics.outliers import outlier_masks

    masks = outlier_masks([np.asarray(process["wall_ns"], dtype=float) for process in processes])
    rows = [
        {"process": number, "position": position, "wall_ms": wall_ns / 1e6, "is_outlier": bool(is_outlier)}
        for number, (process, mask) in enumerate(zip(processes, masks, strict=True), start=1)
        for position, (wall_ns, is_outlier) in enumerate(zip(process["wall_ns"], mask, strict=True), start=1)
    ]
    frame = pd.DataFrame(rows)
    spec = order_plot_spec(frame, title=title, flags=flags)
    narrow = order_plot_spec(frame, title=title, flags=flags, width=NARROW_PX)
    return {
        "title": title,
        "spec": spec,
        "source": f"Source: {source}",
        "svg": _kept_svg(spec, "samples-chart-svg"),
        "narrow": {"spec": narrow, "svg": _kept_svg(narrow, "samples-chart-narrow-svg")},
    }


def state_chart(readings: Readings, *, title: str, noun: str, source: str) -> dict[str, Any]:
    """Temperature and clock over the time of an attempt, for `core/chart.html`."""
    import pandas as pd

    from apps.compare.device_state import device_state_spec

    rows, levels = pd.DataFrame(readings.rows), pd.DataFrame(readings.levels, columns=["quantity", "label", "value"])
    spec = device_state_spec(rows, levels, title=title, noun=noun)
    narrow = device_state_spec(rows, levels, title=title, noun=noun, width=NARROW_PX)
    return {
        "title": title,
        "spec": spec,
        "source": f"Source: {source}",
        "svg": _kept_svg(spec, "state-chart-svg"),
        "narrow": {"spec": narrow, "svg": _kept_svg(narrow, "state-chart-narrow-svg")},
    }


def _kept_svg(spec: dict[str, Any], element_id: str) -> SafeString:
    from apps.compare.svg import render_svg

    return _svg(kept("chart:samples", spec, lambda: render_svg(spec, element_id=element_id)))
