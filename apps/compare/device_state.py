"""Temperature and clock of a device while it was measured: shows the heat and the throttling behind a time."""

from __future__ import annotations

from typing import Any, cast

import altair as alt
import pandas as pd

from apps.compare import palette
from apps.compare.chart_style import wrapped
from apps.compare.specs import to_spec

MOST_READINGS = 2_000
"""More are not told apart, and the page has to carry them."""
PANELS = {"temperature": "Temperature (°C)", "clock": "Clock (MHz)"}
PANEL_HEIGHT_PX = 130
MARGIN = 0.01
"""Of the time that is drawn, at both ends, so that no dot is cut in half."""


def device_state_spec(
    readings: pd.DataFrame, levels: pd.DataFrame, *, title: str, noun: str, width: int = 860
) -> dict[str, Any]:
    """A panel for each quantity that was read, below each other over the same time; one colour per process in turn.

    Beyond `MOST_READINGS` every k-th one is drawn, and the subtitle says so.

    Shapes: `readings` has the columns `process` (int), `at_s`, `value` (float), `quantity` (temperature | clock) and
    `core` (str, empty where there is one clock); `levels`, which may be empty, `quantity`, `label` (str), `value`
    (float), drawn as dashed lines.

    Units: `at_s` in seconds, `value` in degrees Celsius or MHz.
    """
    step = -(-len(readings) // MOST_READINGS) or 1
    subtitle = f"{readings['at_s'].nunique()} readings during {_counted(readings['process'].nunique(), noun)}."
    if step > 1:
        subtitle += f" Drawn: one in {step} values."
    drawn = readings.iloc[::step].assign(is_odd=lambda rows: rows["process"] % 2 == 1)
    quantities = [quantity for quantity in PANELS if (readings["quantity"] == quantity).any()]
    first, last = float(readings["at_s"].min()), float(readings["at_s"].max())
    margin = (last - first) * MARGIN
    span = [first - margin, last + margin]
    panels = [
        _panel(
            _of(drawn, quantity), _of(levels, quantity), quantity, noun, span, width, is_last=number == len(quantities)
        )
        for number, quantity in enumerate(quantities, start=1)
    ]
    chart = alt.vconcat(*panels, spacing=14).properties(
        title=alt.TitleParams(text=title, subtitle=wrapped(subtitle, width)),
        description=f"{title}. {subtitle}",
        usermeta={"cssVariables": palette.CSS_VARIABLES},
    )
    return to_spec(chart)


def _counted(count: int, noun: str) -> str:
    plural = "es" if noun.endswith("s") else "s"
    return f"{count} {noun}{plural if count != 1 else ''}"


def _of(rows: pd.DataFrame, quantity: str) -> pd.DataFrame:
    return rows[rows["quantity"] == quantity]


def _panel(
    rows: pd.DataFrame, levels: pd.DataFrame, quantity: str, noun: str, span: list[float], width: int, *, is_last: bool
) -> alt.LayerChart:
    x = alt.X(
        "at_s:Q",
        title="Time since the first start (s)" if is_last else None,
        scale=alt.Scale(domain=span, nice=False),
        axis=alt.Axis(grid=False, tickCount=8, labels=is_last, ticks=is_last),
    )
    y = alt.Y("value:Q", title=PANELS[quantity], scale=alt.Scale(zero=False, padding=10), axis=alt.Axis(tickCount=4))
    colours = (palette.FAMILY_COLOURS[1], palette.FAMILY_COLOURS[0])
    colour = alt.Color("is_odd:N", scale=alt.Scale(domain=[True, False], range=colours), legend=None)
    base = alt.Chart(rows[["process", "at_s", "core", "value", "is_odd"]]).encode(x=x, y=y, color=colour)
    tooltip = [
        alt.Tooltip("process:Q", title=noun.capitalize()),
        alt.Tooltip("at_s:Q", title="Second", format=".1f"),
        alt.Tooltip("value:Q", title=PANELS[quantity], format=",~r"),
        *([alt.Tooltip("core:N", title="Core")] if (rows["core"] != "").any() else []),
    ]
    layered = alt.layer(
        *_level_marks(levels, y),
        base.mark_line(strokeWidth=1.5, opacity=0.6, aria=False).encode(detail=["process:N", "core:N"]),
        base.mark_circle(size=22, opacity=0.9, aria=False).encode(tooltip=tooltip),
    ).properties(width=width, height=PANEL_HEIGHT_PX)
    return cast(alt.LayerChart, layered)


def _level_marks(levels: pd.DataFrame, y: alt.Y) -> list[alt.Chart]:
    if levels.empty:
        return []
    base = alt.Chart(levels[["label", "value"]]).encode(y=y)
    lines = base.mark_rule(color=palette.MUTED, strokeDash=[3, 3], aria=False)
    texts = base.mark_text(
        align="left", baseline="bottom", dx=4, dy=-2, fontSize=10, color=palette.MUTED, aria=False
    ).encode(x=alt.value(0), text="label:N")
    return [lines, texts]
