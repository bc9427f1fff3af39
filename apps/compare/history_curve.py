"""Measured values over time: a panel per column, with intervals and a break where the engine's release changes."""

from __future__ import annotations

from typing import Any, cast

import altair as alt
import pandas as pd

from apps.compare import palette
from apps.compare.chart_style import wrapped, wrapped_title
from apps.compare.specs import to_spec

POINT_PX, RING_PX, HEIGHT_PX = 60, 220, 170


def history_curve_spec(
    frame: pd.DataFrame, panels: list[tuple[str, str]], *, title: str, subtitle: str, columns: int, panel_width: int
) -> dict[str, Any]:
    """Panels beside each other (or below, with one column), each on axes of its own.

    Shapes: one row per value; columns `panel` (str), `at` (str, ISO 8601, UTC), `value` (float), `low`, `high` (float,
    NaN without an interval), `device`, `release`, `text`, `run`, `flags` (str), `is_vetted` (bool), `is_break` (bool:
    the first value of its device with another release than before), `change` (str: on the first value of another level
    in words how it stands to the one before, else empty). `panels` are pairs of a panel's key and its title
    with the unit.

    Units: `panel_width` in pixels.
    """
    charts = [_panel(frame[frame["panel"] == key], heading, panel_width) for key, heading in panels]
    chart = alt.concat(*charts, columns=columns, spacing={"row": 28, "column": 40}).properties(
        title=alt.TitleParams(
            text=wrapped_title(title, panel_width * columns),
            subtitle=wrapped(subtitle, panel_width * columns),
        ),
        description=f"{title}. {subtitle}",
        usermeta={"cssVariables": palette.CSS_VARIABLES},
    )
    return to_spec(chart)


def _panel(rows: pd.DataFrame, heading: str, width: int) -> alt.LayerChart:
    x = alt.X(
        "at:T",
        title=None,
        scale=alt.Scale(type="utc", padding=16),
        axis=alt.Axis(grid=False, tickCount=4, labelOverlap=True, labelFlush=True),
    )
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False, padding=14), axis=alt.Axis(tickCount=5))
    names = [
        "at",
        "value",
        "low",
        "high",
        "device",
        "release",
        "text",
        "run",
        "flags",
        "is_vetted",
        "is_break",
        "change",
    ]
    base = alt.Chart(rows[names]).encode(x=x)
    layered = alt.layer(
        base.mark_line(color=palette.FRONT, strokeWidth=1.5, opacity=0.4, aria=False).encode(
            y=y, detail=["device:N", "release:N"]
        ),
        base.transform_filter("isValid(datum.low)")
        .mark_rule(color=palette.FRONT, strokeWidth=1.5, aria=False)
        .encode(y=alt.Y("low:Q", title=None), y2="high:Q"),
        _points(base, y),
        *_breaks(base, rows),
        *_changes(base, y, rows),
    ).properties(
        width=width,
        height=HEIGHT_PX,
        title=alt.TitleParams(text=wrapped(heading, width), fontSize=13, offset=10),
    )
    return cast(alt.LayerChart, layered)


def _points(base: alt.Chart, y: alt.Y) -> alt.Chart:
    """Hollow for an unvetted agent, a triangle for a flagged value."""
    points: alt.Chart = base.mark_point(size=POINT_PX, strokeWidth=1.5, opacity=1, stroke=palette.FRONT).encode(
        y=y,
        fill=alt.condition("datum.is_vetted", alt.value(palette.FRONT), alt.value(palette.SURFACE)),
        shape=alt.condition("datum.flags !== ''", alt.value("triangle-up"), alt.value("circle")),
        tooltip=[
            alt.Tooltip("text:N", title="Value"),
            alt.Tooltip("at:T", title="Measured", format="%Y-%m-%d %H:%M", formatType="utc"),
            alt.Tooltip("release:N", title="Engine"),
            alt.Tooltip("device:N", title="Device"),
            alt.Tooltip("run:N", title="Run"),
            alt.Tooltip("flags:N", title="Flags"),
        ],
    )
    return points


def _breaks(base: alt.Chart, rows: pd.DataFrame) -> list[alt.Chart]:
    if not rows["is_break"].any():
        return []
    changed = base.transform_filter("datum.is_break")
    return [
        changed.mark_rule(color=palette.MUTED, strokeDash=[3, 3], aria=False),
        changed.mark_text(align="left", baseline="top", dx=4, fontSize=10, color=palette.MUTED, aria=False).encode(
            y=alt.value(0), text="release:N"
        ),
    ]


def _changes(base: alt.Chart, y: alt.Y, rows: pd.DataFrame) -> list[alt.Chart]:
    """A ring around the first value of a new level, and at the foot of its rule what changed."""
    if not (rows["change"] != "").any():
        return []
    changed = base.transform_filter("datum.change !== ''")
    return [
        changed.mark_rule(color=palette.INK, aria=False),
        changed.mark_point(
            size=RING_PX, shape="circle", filled=False, stroke=palette.INK, strokeWidth=2, aria=False
        ).encode(y=y),
        changed.mark_text(
            align="left", baseline="bottom", dx=5, dy=-3, fontSize=11, fontWeight="bold", color=palette.INK, aria=False
        ).encode(y=alt.value(HEIGHT_PX), text="change:N"),
    ]
