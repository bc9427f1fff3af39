"""Bars of a few models, a panel per metric, with intervals and the values written beside the bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import altair as alt
import pandas as pd

from apps.compare import palette
from apps.compare.chart_style import wrapped
from apps.compare.specs import to_spec

BAR_PX = 22
NAMES_PX = 125
"""Room left of a panel, for the models' names."""


@dataclass(frozen=True)
class Panel:
    """A metric. `key` is its column in the frame; `note` says how its values came about, for the panel's subtitle."""

    key: str
    title: str
    note: str


def bar_panels_spec(
    frame: pd.DataFrame, panels: list[Panel], *, title: str, families: list[str], columns: int, panel_width: int
) -> dict[str, Any]:
    """A grid of panels with the same models in the same order, each on an axis of its own that begins at nought.

    Shapes: one row per model and panel; columns `panel` (a panel's key), `model`, `short`, `family_title`, `text` (the
    value as printed with its unit, or that there is none) (str), `value`, `low`, `high` (float, NaN where missing).
    `families` are all families of the board, so that each keeps its colour.

    Units: `panel_width` in pixels, without the models' names.
    """
    order = frame["short"].drop_duplicates().tolist()
    charts = [_panel(frame[frame["panel"] == panel.key], panel, order, families, panel_width) for panel in panels]
    chart = alt.concat(*charts, columns=columns, spacing={"row": 28, "column": 36}).properties(
        title=alt.TitleParams(text=title),
        description=f"{title}. {'; '.join(panel.title for panel in panels)}.",
        usermeta={"cssVariables": palette.CSS_VARIABLES},
    )
    return to_spec(chart)


def _panel(rows: pd.DataFrame, panel: Panel, order: list[str], families: list[str], width: int) -> alt.LayerChart:
    colours, _ = palette.family_styles(families)
    highest = float(rows[["value", "high"]].max().max())
    y = alt.Y("short:N", sort=order, scale=alt.Scale(domain=order), title=None, axis=alt.Axis(labelLimit=150))
    # Room for the text at the end of the longest bar.
    x = alt.X("value:Q", scale=alt.Scale(domain=[0, highest * 1.45 or 1], nice=False), title=None, axis=None)
    base = alt.Chart(rows[["short", "model", "family_title", "value", "low", "high", "text"]]).encode(y=y)
    bars = base.mark_bar(height={"band": 0.62}, cornerRadiusEnd=2).encode(
        x=x,
        color=alt.Color("family_title:N", scale=alt.Scale(domain=families, range=colours), legend=None),
        tooltip=[
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("text:N", title=panel.title),
        ],
    )
    whiskers = base.transform_filter("isValid(datum.low)").mark_rule(color=palette.INK, strokeWidth=1.5, aria=False)
    texts = base.transform_calculate(end="datum.high || datum.value || 0")
    layers = (
        bars,
        whiskers.encode(x="low:Q", x2="high:Q"),
        _texts(texts.transform_filter("isValid(datum.value)"), palette.INK),
        _texts(texts.transform_filter("!isValid(datum.value)"), palette.MUTED),
    )
    layered = alt.layer(*layers).properties(
        width=width,
        height=BAR_PX * len(order),
        title=alt.TitleParams(
            text=panel.title, subtitle=wrapped(panel.note, width + NAMES_PX), fontSize=13, offset=6, subtitleFontSize=11
        ),
    )
    return cast(alt.LayerChart, layered)


def _texts(base: alt.Chart, colour: str) -> alt.Chart:
    texts: alt.Chart = base.mark_text(align="left", dx=6, fontSize=11, color=colour, aria=False)
    return texts.encode(x="end:Q", text="text:N")
