"""Every sample of an attempt in the order in which it happened: shows the drift, steps and outliers a mean hides."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from apps.compare import palette
from apps.compare.specs import to_spec

MAX_POINTS = 2_000
"""More points than that are not told apart, and the page has to carry them."""


def order_plot_spec(samples: pd.DataFrame, *, title: str, width: int = 860, height: int = 260) -> dict[str, Any]:
    """One dot per sample, one colour per process in turn, and each process's median as a line over its samples.

    Beyond `MAX_POINTS` every k-th sample is drawn; the medians are of all samples, and the subtitle says so.

    Shapes: columns `process` (int), `position` (int, within its process), `wall_ms` (float).
    """
    ordered = samples.sort_values(["process", "position"], kind="stable").reset_index(drop=True)
    ordered = ordered.assign(order=range(1, len(ordered) + 1), is_odd=ordered["process"] % 2 == 1)
    step = -(-len(ordered) // MAX_POINTS) or 1
    medians = ordered.groupby("process", as_index=False).agg(
        first=("order", "min"), last=("order", "max"), median_ms=("wall_ms", "median")
    )
    subtitle = f"{len(ordered)} samples of {len(medians)} processes; lines are the processes' medians."
    if step > 1:
        subtitle += f" Drawn: one dot in {step} samples."
    chart = alt.layer(_dots(ordered.iloc[::step]), _median_lines(medians)).properties(
        width=width,
        height=height,
        title=alt.TitleParams(text=title, subtitle=subtitle),
        description=f"{title}. {subtitle}",
        usermeta={"cssVariables": palette.CSS_VARIABLES},
    )
    return to_spec(chart)


def _dots(samples: pd.DataFrame) -> alt.Chart:
    colours = (palette.FAMILY_COLOURS[1], palette.FAMILY_COLOURS[0])
    points = alt.Chart(samples[["order", "process", "position", "wall_ms", "is_odd"]])
    dots: alt.Chart = points.mark_circle(size=14, opacity=0.7, aria=False).encode(
        x=alt.X(
            "order:Q", title="Sample, in order", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False, tickCount=8)
        ),
        y=alt.Y("wall_ms:Q", title="Wall time (ms)", scale=alt.Scale(zero=False)),
        color=alt.Color("is_odd:N", scale=alt.Scale(domain=[True, False], range=colours), legend=None),
        tooltip=[
            alt.Tooltip("process:Q", title="Process"),
            alt.Tooltip("position:Q", title="Sample"),
            alt.Tooltip("wall_ms:Q", title="Wall time (ms)", format=".4~f"),
        ],
    )
    return dots


def _median_lines(medians: pd.DataFrame) -> alt.Chart:
    lines: alt.Chart = (
        alt.Chart(medians)
        .mark_rule(color=palette.INK, strokeWidth=1.5, aria=False)
        .encode(x="first:Q", x2="last:Q", y="median_ms:Q")
    )
    return lines
