"""What a scatter plot draws, before it is drawn: usable rows, pixels, width series, the front's staircase, labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from apps.compare.axis import Axis, Domain, Values
from apps.compare.labels import Box, Label, Segment, place_labels
from apps.compare.pareto import Objective, pareto_front
from apps.compare.text_width import text_height_px, text_width_px

LABEL_FONT_PX = 11
MOST_LABELLED = 120
"""Points that are all labelled, as far as there is room; of more only those on the front and the marked ones."""
FRONT_TITLE = "Pareto front"

POINT_AREA_PX, FRONT_AREA_PX, SMALLEST_AREA_PX = 70, 120, 18.0
BUBBLE_AREA_PX = 900
"""Of the largest value, where a third column gives the marks their size."""
SPECIAL_SCALE = 1.5
"""Stars and diamonds fill less of their box than the families' shapes, so they are drawn larger."""


@dataclass(frozen=True)
class Drawn:
    """What is drawn, in the axes' units and in pixels.

    `points`: the columns of `scatter_spec`'s frame, `px`, `py` (pixels), `area_px` (of the mark), `on_front`, `is_base`
    (bool; plain recipe and fp32), `is_marked` (bool), `x_text`, `y_text` (str).
    `series`: the points that a family's line joins. `front`: corners of the staircase, columns `x`, `y`, `px`, `py`.
    """

    points: pd.DataFrame
    series: pd.DataFrame
    front: pd.DataFrame
    x_domain: Domain
    y_domain: Domain
    width: int
    height: int


def drawn_frame(
    frame: pd.DataFrame,
    *,
    x: Axis,
    y: Axis,
    width: int,
    height: int,
    domains: tuple[Domain, Domain] | None = None,
    marked: Sequence[str] = (),
) -> Drawn:
    """Keep the rows that are shown and have both values, and find everything that is drawn of them.

    The axes reach over all rows with both values, shown or not, so that they stay where they are when a filter moves.
    """
    usable = frame[x.is_usable(_values(frame, "x")) & y.is_usable(_values(frame, "y"))]
    x_domain, y_domain = domains or (x.domain(_values(usable, "x")), y.domain(_values(usable, "y")))
    rows = usable[usable["is_shown"]] if "is_shown" in usable else usable
    rows = rows.reset_index(drop=True)

    def with_pixels(table: pd.DataFrame) -> pd.DataFrame:
        px = x.pixels(_values(table, "x"), x_domain, width)
        return table.assign(px=px, py=height - y.pixels(_values(table, "y"), y_domain, height))

    on_front = pareto_front(rows, [Objective("x", x.direction), Objective("y", y.direction)])
    is_base = (rows["recipe"] == "plain") & (rows["precision"] == "fp32")
    points = with_pixels(rows).assign(
        on_front=on_front,
        is_base=is_base,
        area_px=_areas(rows, usable, on_front) * np.where(is_base, 1, SPECIAL_SCALE),
        x_text=_value_texts(rows, "x", x),
        y_text=_value_texts(rows, "y", y),
        flags=rows.get("flags", ""),
        is_marked=rows["model"].isin(marked),
    )
    front = with_pixels(_staircase(points[points["on_front"]], x, x_domain))
    series = _series(points[points["is_base"]])
    if domains:
        # A front or a line that comes from outside is cut by the plot's edge; a point outside is not drawn at all.
        points = points[points["x"].between(*x_domain) & points["y"].between(*y_domain)].reset_index(drop=True)
    return Drawn(points, series, front, x_domain, y_domain, width, height)


def _areas(rows: pd.DataFrame, usable: pd.DataFrame, on_front: pd.Series[bool]) -> Values:
    """Marks of equal size, larger on the front; or in proportion to `size`, the smallest mark where that is missing."""
    if "size" not in rows:
        return np.where(on_front, FRONT_AREA_PX, POINT_AREA_PX).astype(np.float64)
    sizes = _values(usable, "size")
    largest = float(np.nanmax(sizes)) if np.isfinite(sizes).any() else 0.0
    if largest <= 0:
        return np.full(len(rows), SMALLEST_AREA_PX)
    areas: Values = np.nan_to_num(_values(rows, "size").clip(min=0)) / largest * BUBBLE_AREA_PX
    return np.maximum(areas, SMALLEST_AREA_PX)


def label_table(drawn: Drawn) -> pd.DataFrame:
    """The labels that found a place, the front's own among them.

    Shapes: columns `model` (empty for the front's own), `x`, `y` (axes' units), `text`, `family_title`, `align` (str),
    `dx`, `dy` (pixels), `is_strong` (bool).
    """
    columns = ["model", "x", "y", "px", "py", "area_px", "family_title", "text", "is_strong"]
    points = drawn.points
    texts = points.assign(text=points["short"], is_strong=points["on_front"] | points["is_marked"])[columns]
    if len(texts) > MOST_LABELLED:
        texts = texts[texts["is_strong"]].head(MOST_LABELLED)
    if not drawn.front.empty:
        end = drawn.front.iloc[[-1]].assign(model="", area_px=0.0, family_title="", text=FRONT_TITLE, is_strong=False)
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
    marks = [
        Box(px - radius, py - radius, px + radius, py + radius)
        for px, py, radius in zip(points["px"], points["py"], points["area_px"] ** 0.5 / 2, strict=True)
    ]
    places = place_labels(labels, width=drawn.width, height=drawn.height, segments=_segments(drawn), marks=marks)
    found = [position for position, place in enumerate(places) if place is not None]
    offsets = pd.DataFrame([vars(places[position]) for position in found], index=found, columns=["dx", "dy", "align"])
    return texts.reset_index(drop=True).drop(columns=["px", "py", "area_px"]).join(offsets, how="inner")


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
