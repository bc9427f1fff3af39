"""Time against work: a line per family, labelled at its end, and where families do the same work."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd

from apps.compare import palette
from apps.compare.axis import Axis, Domain
from apps.compare.chart_style import wrapped, wrapped_title
from apps.compare.labels import Box, Label, Placement, place_labels
from apps.compare.sentence import EqualWork
from apps.compare.specs import to_spec
from apps.compare.text_width import text_height_px, text_width_px

LABEL_PX, RADIUS_PX = 12, 5
LABEL_ROOM = 1.9
"""How far the axis goes on behind the largest work, for the families' names."""


def work_lines_spec(
    frame: pd.DataFrame,
    *,
    x: Axis,
    y: Axis,
    title: str,
    subtitle: str,
    families: list[str],
    width: int,
    height: int,
    equal: EqualWork | None,
) -> dict[str, Any]:
    """Both axes logarithmic: lines one above the other do the same work in more time.

    Shapes: one row per model, in width order within a family; columns `model`, `family_title`, `x_text`, `y_text`
    (values with their units) (str), `x`, `y` (float). `families` are all of the board, so that each keeps its colour.

    Units: `width` and `height` are pixels of the plot.
    """
    low, high = x.domain(frame["x"].to_numpy(dtype=float))
    x_domain, y_domain = (low, high * LABEL_ROOM), y.domain(frame["y"].to_numpy(dtype=float))
    x_channel = alt.X(
        "x:Q", scale=alt.Scale(**x.encoding_scale(x_domain)), axis=_axis(x, x_domain, width), title=x.label
    )
    y_channel = alt.Y(
        "y:Q", scale=alt.Scale(**y.encoding_scale(y_domain)), axis=_axis(y, y_domain, height), title=y.label
    )
    base = alt.Chart(frame[["model", "family_title", "x", "y", "x_text", "y_text"]]).encode(x=x_channel, y=y_channel)
    layers = [
        *(_same_work(equal) if equal else []),
        base.mark_line(strokeWidth=2, opacity=0.6, aria=False).encode(color=_colour(families), order="x:Q"),
        _points(base, families, x, y),
        *_name_layers(_names(frame, x, y, (x_domain, y_domain), (width, height)), families, x_channel, y_channel),
    ]
    chart = alt.layer(*layers).properties(
        width=width,
        height=height,
        title=alt.TitleParams(text=wrapped_title(title, width), subtitle=wrapped(subtitle, width)),
        description=f"{title}. {subtitle}",
        usermeta={"cssVariables": palette.CSS_VARIABLES},
    )
    return to_spec(chart)


def _name_layers(names: pd.DataFrame, families: list[str], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Each name twice: a halo in the surface colour below, the text above."""
    base = alt.Chart(names).encode(x=x, y=y, text="family_title:N")
    style: dict[str, Any] = {
        "align": alt.expr("datum.align"),
        "dx": alt.expr("datum.dx"),
        "dy": alt.expr("datum.dy"),
        "baseline": "middle",
        "fontSize": LABEL_PX,
        "fontWeight": 600,
        "aria": False,
    }
    halo = base.mark_text(stroke=palette.SURFACE, strokeWidth=4, color=palette.SURFACE, **style)
    return [halo, base.mark_text(**style).encode(color=_colour(families))]


def _axis(axis: Axis, domain: Domain, length_px: int) -> alt.Axis:
    """Round numbers; finer ones where the axis covers few of them."""
    finer = [tick * step for tick in (0.01, 0.1, 1, 10, 100) for step in (1, 1.5, 2, 3, 4, 5, 7)]
    ticks = axis.ticks(domain) or [round(tick, 6) for tick in finer if domain[0] <= tick <= domain[1]]
    options: dict[str, Any] = {"values": ticks} if len(ticks) > 1 else {"tickCount": 6}
    return alt.Axis(format="~g", titleLimit=length_px + 40, **options)


def _colour(families: list[str]) -> alt.Color:
    colours, _ = palette.family_styles(families)
    return alt.Color("family_title:N", scale=alt.Scale(domain=families, range=colours), legend=None)


def _points(base: alt.Chart, families: list[str], x: Axis, y: Axis) -> alt.Chart:
    _, shapes = palette.family_styles(families)
    points: alt.Chart = base.mark_point(filled=True, size=70, opacity=1, stroke=palette.SURFACE, strokeWidth=1).encode(
        color=_colour(families),
        shape=alt.Shape("family_title:N", scale=alt.Scale(domain=families, range=shapes), legend=None),
        tooltip=[
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("x_text:N", title=x.title),
            alt.Tooltip("y_text:N", title=y.title),
        ],
    )
    return points


def _same_work(equal: EqualWork) -> list[alt.Chart]:
    """A line across the work that the sentence speaks of, with a dot where it meets each family."""
    times = pd.DataFrame({"x": equal.work, "y": list(equal.times.values())})
    rule = alt.Chart(times.head(1)).mark_rule(color=palette.FRONT, strokeDash=[5, 3], strokeWidth=1.5, aria=False)
    dots = alt.Chart(times).mark_point(
        filled=False, color=palette.FRONT, size=45, strokeWidth=1.5, opacity=1, aria=False
    )
    return [rule.encode(x="x:Q"), dots.encode(x="x:Q", y="y:Q")]


def _names(
    frame: pd.DataFrame, x: Axis, y: Axis, domains: tuple[Domain, Domain], size: tuple[int, int]
) -> pd.DataFrame:
    """Each family's name at an end of its line, where it covers no mark and, if it can, no line."""
    width, height = size
    placed = frame.sort_values("x", kind="stable").assign(
        px=lambda rows: x.pixels(rows["x"].to_numpy(dtype=float), domains[0], width),
        py=lambda rows: height - y.pixels(rows["y"].to_numpy(dtype=float), domains[1], height),
    )
    ends = pd.concat([_free_end(line, placed) for _, line in placed.groupby("family_title", sort=False)])
    labels = [
        Label(px, py, RADIUS_PX, text_width_px(name, LABEL_PX), text_height_px(LABEL_PX))
        for px, py, name in zip(ends["px"], ends["py"], ends["family_title"], strict=True)
    ]
    marks = [
        Box(px - RADIUS_PX, py - RADIUS_PX, px + RADIUS_PX, py + RADIUS_PX)
        for px, py in zip(placed["px"], placed["py"], strict=True)
    ]
    lines = [pairwise(zip(line["px"], line["py"], strict=True)) for _, line in placed.groupby("family_title")]
    segments = [segment for line in lines for segment in line]
    found = place_labels(labels, width=width, height=height, segments=segments, marks=marks)
    # A name without a free place still has to be there: nothing else says which line is whose.
    places = [place or Placement(dx=RADIUS_PX + 4, dy=0, align="left") for place in found]
    offsets = pd.DataFrame([vars(place) for place in places], index=ends.index)
    return ends[["family_title", "x", "y"]].join(offsets)


def _free_end(line: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Of a line's first and last point the one that is farther from all other lines."""
    others = placed[placed["family_title"] != line["family_title"].iloc[0]]
    if others.empty:
        return line.tail(1)
    ends = [line.tail(1), line.head(1)]
    return max(ends, key=lambda end: _distance(end.iloc[0]["px"], end.iloc[0]["py"], others))


def _distance(px: float, py: float, points: pd.DataFrame) -> float:
    return float(((points["px"] - px) ** 2 + (points["py"] - py) ** 2).min())
