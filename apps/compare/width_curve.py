"""How the metrics of a family follow from its width: a panel per metric, the width series joined by a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import altair as alt
import pandas as pd

from apps.compare import palette
from apps.compare.chart_style import wrapped
from apps.compare.specs import to_spec

MARK_PX = 70
AXIS_PX = 70
"""What a note may have beyond the plot."""
NUMBER = "format(datum.value, '~r')"
"""All digits that a tick has: a format by itself is cut to the distance of the ticks."""


@dataclass(frozen=True)
class WidthPanel:
    """A metric. `unit` is "fraction" for a share that is shown in per cent."""

    key: str
    title: str
    unit: str
    note: str


def width_curve_spec(
    frame: pd.DataFrame,
    panels: list[WidthPanel],
    *,
    title: str,
    colour: str,
    shape: str,
    columns: int,
    panel_width: int,
) -> dict[str, Any]:
    """Panels beside each other (or below, with one column), all over the same widths.

    Shapes: one row per model and panel; columns `panel` (a panel's key), `model`, `mark` ("" for the series of plain
    FP32 models, else what sets the model apart, such as "SSLD"), `text` (value as printed with its unit) (str),
    `width`, `value` (float). Missing values have no row.

    Units: `panel_width` in pixels.
    """
    widths = sorted(frame["width"].unique().tolist())
    charts = [_panel(frame[frame["panel"] == panel.key], panel, widths, colour, shape, panel_width) for panel in panels]
    chart = alt.concat(*charts, columns=columns, spacing={"row": 28, "column": 40}).properties(
        title=alt.TitleParams(text=title),
        description=f"{title}. {'; '.join(panel.title for panel in panels)}.",
        usermeta={"cssVariables": palette.CSS_VARIABLES},
    )
    return to_spec(chart)


def _panel(
    rows: pd.DataFrame, panel: WidthPanel, widths: list[float], colour: str, shape: str, width: int
) -> alt.LayerChart:
    margin = (widths[-1] - widths[0]) * 0.08 or 0.1
    domain = [widths[0] - margin, widths[-1] + margin * 2.2]
    x = alt.X(
        "width:Q",
        title="Width multiplier",
        scale=alt.Scale(domain=domain, nice=False),
        axis=alt.Axis(values=widths, labelExpr=NUMBER, grid=False, labelOverlap="greedy"),
    )
    style = alt.Axis(labelExpr="format(datum.value, '.0%')" if panel.unit == "fraction" else NUMBER, tickCount=5)
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=panel.unit != "fraction", padding=14), axis=style)
    base = alt.Chart(rows[["model", "mark", "text", "width", "value"]]).encode(x=x, y=y)
    series, special = base.transform_filter("datum.mark === ''"), base.transform_filter("datum.mark !== ''")
    tooltip = [alt.Tooltip("model:N", title="Model"), alt.Tooltip("text:N", title=panel.title)]
    special_shape = f"datum.mark === 'SSLD' ? '{palette.STAR}' : '{palette.DIAMOND}'"
    point: dict[str, Any] = {"filled": True, "color": colour, "opacity": 1, "stroke": palette.SURFACE, "strokeWidth": 1}
    layered = alt.layer(
        series.mark_line(color=colour, strokeWidth=2, opacity=0.6, aria=False),
        series.mark_point(shape=shape, size=MARK_PX, **point).encode(tooltip=tooltip),
        special.mark_point(shape=alt.expr(special_shape), size=MARK_PX * 1.7, **point).encode(tooltip=tooltip),
        special.mark_text(align="left", dx=9, fontSize=11, color=palette.INK, aria=False).encode(text="mark:N"),
    ).properties(
        width=width,
        height=210,
        title=alt.TitleParams(
            text=panel.title, subtitle=wrapped(panel.note, width + AXIS_PX), fontSize=13, offset=8, subtitleFontSize=11
        ),
    )
    return cast(alt.LayerChart, layered)
