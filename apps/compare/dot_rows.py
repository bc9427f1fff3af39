"""A row per model with several values on it: before and after, or one per batch size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from apps.compare import palette
from apps.compare.chart_style import wrapped, wrapped_title
from apps.compare.specs import to_spec

ROW_PX = 21


@dataclass(frozen=True)
class Mark:
    """One of the values of a row: what the frame calls it, and how it is drawn."""

    name: str
    shape: str
    fill: str
    stroke: str = palette.SURFACE
    area_px: int = 75


def step_marks(first: str, middle: str, last: str) -> list[Mark]:
    """Three steps of one thing: ever stronger marks, each in a shape of its own."""
    return [
        Mark(first, "circle", palette.SURFACE, stroke=palette.FRONT, area_px=55),
        Mark(middle, "square", palette.MUTED, area_px=65),
        Mark(last, "triangle-up", palette.FRONT, area_px=85),
    ]


def training_marks(before: str, after: str) -> list[Mark]:
    return [Mark(before, "circle", palette.MUTED), Mark(after, palette.STAR, palette.FRONT, area_px=170)]


def dot_rows_spec(
    frame: pd.DataFrame,
    *,
    marks: list[Mark],
    x_title: str,
    number_format: str,
    title: str,
    subtitle: str,
    width: int,
    row_px: int = ROW_PX,
    reference: float | None = None,
) -> dict[str, Any]:
    """Rows in the frame's order, each with a line from its lowest to its highest value.

    Shapes: one row per model and mark; columns `model`, `short`, `mark` (a mark's name), `text` (the value as written),
    `end` (written behind the last value, may be empty) (str), `value` (float). Missing values have no row.

    Units: `width` and `row_px` in pixels, without the models' names; `reference` is drawn as a line across all rows.
    """
    order = frame["short"].drop_duplicates().tolist()
    drawn = frame[["model", "short", "mark", "text", "value"]]
    y = alt.Y(
        "short:N", sort=order, scale=alt.Scale(domain=order), title=None, axis=alt.Axis(labelLimit=170, ticks=False)
    )
    axis = alt.Axis(format=number_format, tickCount=6)
    x = alt.X("value:Q", title=x_title, scale=alt.Scale(zero=False, padding=24), axis=axis)
    ends = frame.loc[frame.groupby("model", sort=False)["value"].idxmax(), ["short", "value", "end"]]
    spans = frame.groupby("short", sort=False)["value"].agg(low="min", high="max").reset_index()
    layers = [
        *([_reference(reference)] if reference is not None else []),
        alt.Chart(spans)
        .mark_rule(color=palette.MUTED, opacity=0.5, strokeWidth=2, aria=False)
        .encode(y=y, x=alt.X("low:Q", title=x_title), x2="high:Q"),
        _points(drawn, marks, x, y, x_title),
        alt.Chart(ends)
        .mark_text(align="left", dx=12, fontSize=11, color=palette.INK, aria=False)
        .encode(y=y, x=x, text="end:N"),
    ]
    chart = alt.layer(*layers).properties(
        width=width,
        height=row_px * len(order),
        title=alt.TitleParams(text=wrapped_title(title, width + 80), subtitle=wrapped(subtitle, width + 80)),
        description=f"{title}. {subtitle}",
        usermeta={"cssVariables": palette.CSS_VARIABLES},
    )
    return to_spec(chart)


def _reference(at: float) -> alt.Chart:
    rule: alt.Chart = (
        alt.Chart(pd.DataFrame({"value": [at]}))
        .mark_rule(color=palette.INK, strokeDash=[4, 3], strokeWidth=1.2, aria=False)
        .encode(x="value:Q")
    )
    return rule


def _points(rows: pd.DataFrame, marks: list[Mark], x: alt.X, y: alt.Y, x_title: str) -> alt.Chart:
    names = [mark.name for mark in marks]

    def scale(values: list[Any]) -> alt.Scale:
        return alt.Scale(domain=names, range=values)

    areas = {mark.name: mark.area_px for mark in marks}
    points: alt.Chart = (
        alt.Chart(rows.assign(area_px=rows["mark"].map(areas)))
        .mark_point(opacity=1, strokeWidth=1.4)
        .encode(
            x=x,
            y=y,
            fill=alt.Fill("mark:N", scale=scale([mark.fill for mark in marks]), title=None),
            stroke=alt.Stroke("mark:N", scale=scale([mark.stroke for mark in marks]), title=None),
            shape=alt.Shape("mark:N", scale=scale([mark.shape for mark in marks]), title=None),
            size=alt.Size("area_px:Q", scale=None, legend=None),
            tooltip=[
                alt.Tooltip("model:N", title="Model"),
                alt.Tooltip("mark:N", title="Of"),
                alt.Tooltip("text:N", title=x_title),
            ],
        )
    )
    return points
