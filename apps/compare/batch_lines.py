"""How a value of every model follows the batch size: a panel per family, a line per model, labelled at its end."""

from __future__ import annotations

from typing import Any, cast

import altair as alt
import pandas as pd

from apps.compare import palette
from apps.compare.axis import Axis, Domain
from apps.compare.chart_style import wrapped, wrapped_title
from apps.compare.end_labels import spread
from apps.compare.specs import to_spec

LABEL_PX = 11
PANEL_HEIGHT_PX = 230
LABEL_ROOM = 1.65
"""How far the axis of the batches goes on behind the last one, for the labels."""


def batch_lines_spec(
    frame: pd.DataFrame, *, y: Axis, title: str, subtitle: str, families: list[str], columns: int, panel_width: int
) -> dict[str, Any]:
    """Panels side by side on the same axes, both logarithmic, so that proportional growth has the same slope anywhere.

    Shapes: one row per model and batch size; columns `model`, `label` (at the line's end), `family_title`, `text` (the
    value with its unit) (str), `batch`, `value` (float). `families` are all of the board, so that each keeps its
    colour. Missing values have no row.

    Units: `panel_width` in pixels.
    """
    domain = y.domain(frame["value"].to_numpy(dtype=float))
    batches = sorted(frame["batch"].unique().tolist())
    styles = dict(zip(families, zip(*palette.family_styles(families), strict=True), strict=True))
    charts = [
        _panel(rows, str(family), styles[str(family)], y, domain, batches, panel_width)
        for family, rows in frame.groupby("family_title", sort=False)
    ]
    grid_width = (panel_width + 60) * min(columns, len(charts))
    chart = alt.concat(*charts, columns=columns, spacing={"row": 24, "column": 28}).properties(
        title=alt.TitleParams(text=wrapped_title(title, grid_width), subtitle=wrapped(subtitle, grid_width)),
        description=f"{title}. {subtitle}",
        usermeta={"cssVariables": palette.CSS_VARIABLES},
    )
    return to_spec(chart)


def _panel(
    rows: pd.DataFrame, family: str, style: tuple[str, str], y: Axis, domain: Domain, batches: list[float], width: int
) -> alt.LayerChart:
    colour, shape = style
    x_scale = alt.Scale(type="log", domain=[batches[0] * 0.92, batches[-1] * LABEL_ROOM], nice=False)
    x = alt.X("batch:Q", scale=x_scale, title="Batch size", axis=alt.Axis(values=batches, format="d", grid=False))
    ticks = y.ticks(domain)
    y_axis = alt.Axis(values=ticks, format="~g") if ticks else alt.Axis(format="~g", tickCount=6)
    y_encoding = alt.Y(
        "value:Q", title=f"{y.title} ({y.unit})", scale=alt.Scale(**y.encoding_scale(domain)), axis=y_axis
    )
    base = alt.Chart(rows[["model", "text", "batch", "value"]]).encode(x=x, y=y_encoding)
    point: dict[str, Any] = {"filled": True, "color": colour, "opacity": 1, "stroke": palette.SURFACE, "strokeWidth": 1}
    tooltip = [
        alt.Tooltip("model:N", title="Model"),
        alt.Tooltip("batch:Q", title="Batch size"),
        alt.Tooltip("text:N", title=y.title),
    ]
    labels = alt.Chart(_labels(rows, y, domain)).encode(x=x, y=y_encoding)
    layered = alt.layer(
        base.mark_line(color=colour, strokeWidth=1.6, opacity=0.55, aria=False).encode(detail="model:N"),
        base.mark_point(shape=shape, size=50, **point).encode(tooltip=tooltip),
        labels.mark_text(
            align="left",
            baseline="middle",
            dx=8,
            dy=alt.expr("datum.dy"),
            fontSize=LABEL_PX,
            color=palette.INK,
            aria=False,
        ).encode(text="label:N"),
    ).properties(width=width, height=PANEL_HEIGHT_PX, title=alt.TitleParams(text=family, fontSize=13, offset=6))
    return cast(alt.LayerChart, layered)


def _labels(rows: pd.DataFrame, y: Axis, domain: Domain) -> pd.DataFrame:
    """Each model's label at its last batch size, and by how many pixels it has to move."""
    ends = rows.sort_values("batch").groupby("model", sort=False).tail(1)
    wanted = PANEL_HEIGHT_PX - y.pixels(ends["value"].to_numpy(dtype=float), domain, PANEL_HEIGHT_PX)
    moved = spread(wanted.tolist(), LABEL_PX + 1)
    return ends[["label", "batch", "value"]].assign(dy=[to - at for to, at in zip(moved, wanted, strict=True)])
