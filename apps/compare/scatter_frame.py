"""What a scatter plot draws, before it is drawn: usable rows, pixels, width series, the front's staircase, labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from apps.compare.axis import Axis, Domain, Values
from apps.compare.labels import Label, Segment, place_labels
from apps.compare.pareto import Objective, pareto_front
from apps.compare.text_width import text_height_px, text_width_px

LABEL_FONT_PX = 11
FRONT_TITLE = "Pareto front"

POINT_AREA_PX, FRONT_AREA_PX = 70, 120
SPECIAL_SCALE = 1.5
"""Stars and diamonds fill less of their box than the families' shapes, so they are drawn larger."""


@dataclass(frozen=True)
class Drawn:
    """What is drawn, in the axes' units and in pixels.

    `points`: the columns of `scatter_spec`'s frame, `px`, `py` (pixels), `area_px` (of the mark), `on_front`, `is_base`
    (bool; plain recipe and fp32), `x_text`, `y_text` (str).
    `series`: the points that a family's line joins. `front`: corners of the staircase, columns `x`, `y`, `px`, `py`.
    """

    points: pd.DataFrame
    series: pd.DataFrame
    front: pd.DataFrame
    x_domain: Domain
    y_domain: Domain
    width: int
    height: int


def drawn_frame(frame: pd.DataFrame, *, x: Axis, y: Axis, width: int, height: int) -> Drawn:
    """Keep the rows that have both values, and find everything that is drawn of them."""
    rows = frame[x.is_usable(_values(frame, "x")) & y.is_usable(_values(frame, "y"))].reset_index(drop=True)
    x_domain, y_domain = x.domain(_values(rows, "x")), y.domain(_values(rows, "y"))

    def with_pixels(table: pd.DataFrame) -> pd.DataFrame:
        px = x.pixels(_values(table, "x"), x_domain, width)
        return table.assign(px=px, py=height - y.pixels(_values(table, "y"), y_domain, height))

    on_front = pareto_front(rows, [Objective("x", x.direction), Objective("y", y.direction)])
    is_base = (rows["recipe"] == "plain") & (rows["precision"] == "fp32")
    points = with_pixels(rows).assign(
        on_front=on_front,
        is_base=is_base,
        area_px=np.where(on_front, FRONT_AREA_PX, POINT_AREA_PX) * np.where(is_base, 1, SPECIAL_SCALE),
        x_text=_value_texts(rows, "x", x),
        y_text=_value_texts(rows, "y", y),
        flags=rows.get("flags", ""),
    )
    front = with_pixels(_staircase(points[points["on_front"]], x, x_domain))
    return Drawn(points, _series(points[points["is_base"]]), front, x_domain, y_domain, width, height)


def label_table(drawn: Drawn) -> pd.DataFrame:
    """The labels that found a place, the front's own among them.

    Shapes: columns `x`, `y` (axes' units), `text`, `family_title`, `align` (str), `dx`, `dy` (pixels), `is_strong`
    (bool).
    """
    columns = ["x", "y", "px", "py", "area_px", "family_title", "text", "is_strong"]
    texts = drawn.points.assign(text=drawn.points["short"], is_strong=drawn.points["on_front"])[columns]
    if not drawn.front.empty:
        end = drawn.front.iloc[[-1]].assign(area_px=0.0, family_title="", text=FRONT_TITLE, is_strong=False)
        texts = pd.concat([texts, end[columns]], ignore_index=True)
    rows = zip(*(texts[column].tolist() for column in ("px", "py", "area_px", "text", "is_strong")), strict=True)
    labels = [
        Label(
            x=px,
            y=py,
            radius=math.sqrt(area_px) / 2,
            width=text_width_px(text, LABEL_FONT_PX, is_bold=is_strong),
            height=text_height_px(LABEL_FONT_PX),
            priority=0 if is_strong or text == FRONT_TITLE else 1,
        )
        for px, py, area_px, text, is_strong in rows
    ]
    places = place_labels(labels, width=drawn.width, height=drawn.height, segments=_segments(drawn))
    found = [position for position, place in enumerate(places) if place is not None]
    offsets = pd.DataFrame([vars(places[position]) for position in found], index=found, columns=["dx", "dy", "align"])
    return texts.drop(columns=["px", "py", "area_px"]).join(offsets, how="inner")


def _values(frame: pd.DataFrame, column: str) -> Values:
    return frame[column].to_numpy(dtype=np.float64, na_value=np.nan)


def _value_texts(rows: pd.DataFrame, column: str, axis: Axis) -> list[str]:
    unit = "" if axis.unit == "fraction" else f" {axis.unit}"
    pairs = zip(rows[f"{column}_printed"], rows[f"{column}_origin"], strict=True)
    return [f"{printed}{unit} ({origin})" for printed, origin in pairs]


def _series(base: pd.DataFrame) -> pd.DataFrame:
    """One row per family and width, in width order.

    A variant of a width (another activation) carries a suffix, so of one width the shortest name is the series' own.
    """
    ordered = base.assign(name_length=base["model"].str.len())
    ordered = ordered.sort_values(["family", "width_multiplier", "name_length", "model"], kind="stable")
    return ordered.drop_duplicates(["family", "width_multiplier"])


def _staircase(front: pd.DataFrame, x: Axis, x_domain: Domain) -> pd.DataFrame:
    """Best reachable y at each x, from the front's cheapest point to the edge of the plot."""
    steps = front[["x", "y"]].drop_duplicates().sort_values("x", ascending=x.direction == "min", kind="stable")
    if steps.empty:
        return steps
    edge = pd.DataFrame({"x": [x_domain[1 if x.direction == "min" else 0]], "y": [steps["y"].iloc[-1]]})
    return pd.concat([steps, edge], ignore_index=True)


def _segments(drawn: Drawn) -> list[Segment]:
    """Every line of the plot, in pixels."""
    segments: list[Segment] = []
    for _, line in drawn.series.groupby("family"):
        segments += pairwise(zip(line["px"], line["py"], strict=True))
    for (x0, y0), (x1, y1) in pairwise(zip(drawn.front["px"], drawn.front["py"], strict=True)):
        segments += [((x0, y0), (x1, y0)), ((x1, y0), (x1, y1))]
    return segments
