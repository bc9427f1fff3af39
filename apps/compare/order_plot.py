"""Every sample of an attempt in the order in which it happened, and how they are spread: what a mean hides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from apps.compare import palette
from apps.compare.chart_style import wrapped, wrapped_title
from apps.compare.specs import to_spec

MAX_POINTS = 2_000
"""More points than that are not told apart, and the page has to carry them."""

BINS = 40
HISTOGRAM_SHARE = 0.17
"""Of the width, beside the samples in order."""

GAP_PX = 14
OUTLIER_COLOUR = palette.FAMILY_COLOURS[2]


def order_plot_spec(
    samples: pd.DataFrame, *, title: str, flags: Sequence[str] = (), width: int = 860, height: int = 260
) -> dict[str, Any]:
    """One dot per sample, one colour per process in turn, and each process's median as a line over its samples.

    Beside it, over the same axis, the histogram of all samples. Outliers are triangles, and `flags` are named above.
    Beyond `MAX_POINTS` every k-th sample is drawn, and every outlier; medians and histogram are of all samples, and the
    subtitle says so.

    Shapes: columns `process` (int), `position` (int, within its process), `wall_ms` (float), `is_outlier` (bool).
    """
    ordered = samples.sort_values(["process", "position"], kind="stable").reset_index(drop=True)
    ordered = ordered.assign(order=range(1, len(ordered) + 1), is_odd=ordered["process"] % 2 == 1)
    step = -(-len(ordered) // MAX_POINTS) or 1
    medians = ordered.groupby("process", as_index=False).agg(
        first=("order", "min"), last=("order", "max"), median_ms=("wall_ms", "median")
    )
    outliers = ordered[ordered["is_outlier"]]
    said = _subtitle(len(ordered), len(medians), len(outliers), flags, step)
    histogram_px = round(width * HISTOGRAM_SHARE)
    # Vega warns of a layer without a row.
    triangles = [_triangles(outliers.iloc[:MAX_POINTS])] if len(outliers) else []
    in_order = alt.layer(_dots(ordered.iloc[::step]), *triangles, _median_lines(medians))
    chart = (
        alt.hconcat(
            in_order.properties(width=width - histogram_px - GAP_PX, height=height),
            _histogram(ordered["wall_ms"].to_numpy(dtype=float)).properties(width=histogram_px, height=height),
            spacing=GAP_PX,
        )
        .resolve_scale(y="shared")
        .properties(
            title=alt.TitleParams(
                text=wrapped_title(title, width),
                subtitle=[line for sentence in said for line in wrapped(sentence, width)],
            ),
            description=f"{title}. {' '.join(said)}",
            usermeta={"cssVariables": palette.CSS_VARIABLES},
        )
    )
    return to_spec(chart)


def _subtitle(samples: int, processes: int, outliers: int, flags: Sequence[str], step: int) -> list[str]:
    lines = [f"{samples} samples of {processes} processes; lines are the processes' medians."]
    if outliers:
        lines.append(f"\N{BLACK UP-POINTING TRIANGLE} {outliers} far slower than the others of their process.")
    if flags:
        lines.append(f"Flagged: {', '.join(flags)}.")
    if step > 1:
        lines.append(f"Drawn: one dot in {step} samples.")
    return lines


def _dots(samples: pd.DataFrame) -> alt.Chart:
    colours = (palette.FAMILY_COLOURS[1], palette.FAMILY_COLOURS[0])
    dots: alt.Chart = (
        _points(samples[~samples["is_outlier"]], "is_odd")
        .mark_circle(size=14, opacity=0.7, aria=False)
        .encode(color=alt.Color("is_odd:N", scale=alt.Scale(domain=[True, False], range=colours), legend=None))
    )
    return dots


def _triangles(samples: pd.DataFrame) -> alt.Chart:
    marks: alt.Chart = _points(samples).mark_point(
        shape="triangle-up", size=34, filled=True, color=OUTLIER_COLOUR, opacity=1, aria=False
    )
    return marks


def _points(samples: pd.DataFrame, *also: str) -> alt.Chart:
    points: alt.Chart = alt.Chart(samples[["order", "process", "position", "wall_ms", *also]]).encode(
        x=alt.X(
            "order:Q", title="Sample, in order", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False, tickCount=8)
        ),
        y=alt.Y("wall_ms:Q", title="Wall time (ms)", scale=alt.Scale(zero=False)),
        tooltip=[
            alt.Tooltip("process:Q", title="Process"),
            alt.Tooltip("position:Q", title="Sample"),
            alt.Tooltip("wall_ms:Q", title="Wall time (ms)", format=".4~f"),
        ],
    )
    return points


def _median_lines(medians: pd.DataFrame) -> alt.Chart:
    lines: alt.Chart = (
        alt.Chart(medians)
        .mark_rule(color=palette.INK, strokeWidth=1.5, aria=False)
        .encode(x="first:Q", x2="last:Q", y="median_ms:Q")
    )
    return lines


def _histogram(wall_ms: np.ndarray[Any, np.dtype[np.float64]]) -> alt.Chart:
    counts, edges = np.histogram(wall_ms, bins=BINS)
    bins = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "samples": counts, "none": 0})
    bars: alt.Chart = (
        alt.Chart(bins[bins["samples"] > 0])
        .mark_rect(color=palette.FAMILY_COLOURS[1], opacity=0.75, aria=False)
        .encode(
            x=alt.X("none:Q", title="Samples", axis=alt.Axis(grid=False, tickCount=2, format="d")),
            x2="samples:Q",
            y=alt.Y("low:Q", axis=None),
            y2="high:Q",
            tooltip=[
                alt.Tooltip("low:Q", title="From (ms)", format=".4~f"),
                alt.Tooltip("high:Q", title="to (ms)", format=".4~f"),
                alt.Tooltip("samples:Q", title="Samples"),
            ],
        )
    )
    return bars
