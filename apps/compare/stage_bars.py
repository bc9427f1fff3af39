"""Where in a network its cost lies: a bar per size of the feature maps, a panel per measure."""

from __future__ import annotations

from typing import Any, cast

import altair as alt
import pandas as pd

from apps.compare import palette
from apps.compare.specs import to_spec

BAR_PX = 24


def stage_bars_spec(
    frame: pd.DataFrame, panels: list[tuple[str, str]], *, title: str, columns: int, panel_width: int
) -> dict[str, Any]:
    """A grid of panels over the same stages in the same order, each on an axis of its own that begins at nought.

    Shapes: one row per stage and panel; columns `panel`, `stage`, `text` (str), `value` (float). `panels` are pairs of
    a panel's key and its title with the unit.

    Units: `panel_width` in pixels, without the names of the stages.
    """
    order = frame["stage"].drop_duplicates().tolist()
    charts = [_panel(frame[frame["panel"] == key], heading, order, panel_width) for key, heading in panels]
    chart = alt.concat(*charts, columns=columns, spacing={"row": 24, "column": 36}).properties(
        title=alt.TitleParams(text=title),
        description=f"{title}. {'; '.join(heading for _, heading in panels)}.",
        usermeta={"cssVariables": palette.CSS_VARIABLES},
    )
    return to_spec(chart)


def _panel(rows: pd.DataFrame, heading: str, order: list[str], width: int) -> alt.LayerChart:
    y = alt.Y("stage:N", sort=order, title=None, axis=alt.Axis(ticks=False, labelPadding=8))
    # Room to the right of the longest bar for its number.
    x = alt.X("value:Q", title=None, axis=None, scale=alt.Scale(domain=[0, rows["value"].max() * 1.5 or 1], nice=False))
    base = alt.Chart(rows[["stage", "value", "text"]]).encode(x=x, y=y)
    layered = alt.layer(
        base.mark_bar(height={"band": 0.6}, cornerRadiusEnd=2, color=palette.FRONT).encode(
            tooltip=[alt.Tooltip("stage:N", title="Feature maps"), alt.Tooltip("text:N", title=heading)]
        ),
        base.mark_text(align="left", dx=6, fontSize=11, color=palette.INK, aria=False).encode(text="text:N"),
    ).properties(width=width, height=BAR_PX * len(order), title=alt.TitleParams(text=heading, fontSize=13, offset=6))
    return cast(alt.LayerChart, layered)
