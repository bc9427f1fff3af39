"""The scatter plot of two metrics of many models: families, width series, the Pareto front, direct labels.

The answer is a Vega-Lite spec in light colours; `svg.py` and the page's chart module draw it in either theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from apps.compare import palette
from apps.compare.axis import Axis, Domain
from apps.compare.chart_style import wrapped, wrapped_title
from apps.compare.scatter_frame import (
    BUBBLE_AREA_PX,
    FRONT_AREA_PX,
    LABEL_FONT_PX,
    POINT_AREA_PX,
    SMALLEST_AREA_PX,
    SPECIAL_SCALE,
    Drawn,
    drawn_frame,
    label_table,
)
from apps.compare.specs import to_spec

NARROW_PX = 500
FADED = 0.12
"""Opacity of what the legend's selection leaves out."""
BUBBLE_OPACITY = 0.75
RING_AREA_PX = 160


def scatter_spec(
    frame: pd.DataFrame,
    *,
    x: Axis,
    y: Axis,
    title: str,
    subtitle: str,
    width: int = 860,
    height: int = 480,
    domains: tuple[Domain, Domain] | None = None,
    marked: Sequence[str] = (),
    size: Axis | None = None,
) -> dict[str, Any]:
    """Draw the models of a frame; rows without both values are left out.

    `domains` zooms into a part of both axes, and then only the marked models are labelled. The datasets are named for
    what they draw (`points`, `series`, `front`, `labels`, `marked`), so that a page can replace their rows.

    Shapes: columns `model`, `short`, `family`, `family_title` (str), `recipe` (plain | ssld), `precision`
    (fp32 | int8), `width_multiplier` (float), `x`, `y` (float in the axes' units, NaN where missing), `x_printed`,
    `y_printed`, `x_origin`, `y_origin` (str). Optional: `flags` (str); `is_shown` (bool: the others only keep the axes
    and the families' colours as they are); `size` (float) with `size_text` (str). Families get their colours in order
    of appearance.

    Units: `width` and `height` are pixels of the plot, without axes and legend.
    """
    families = frame["family_title"].drop_duplicates().tolist()
    drawn = drawn_frame(frame, x=x, y=y, width=width, height=height, domains=domains, marked=marked)
    highlight = alt.selection_point(name="family", fields=["family_title"], bind="legend")
    labels = label_table(drawn)
    datasets = {
        "points": _points_table(drawn.points),
        "series": drawn.series[["x", "y", "family_title", "width_multiplier"]],
        "front": drawn.front[["x", "y"]].sort_values("x", kind="stable"),
        "labels": labels if domains is None else labels[labels["model"].isin(marked)],
        "marked": drawn.points.loc[drawn.points["is_marked"], ["model", "x", "y", "area_px"]],
    }
    layers = [
        _series_layer(families, highlight, is_cut=domains is not None),
        _front_layer(x, is_cut=domains is not None),
        *_points_layers(drawn.points, families, highlight, x, y, size),
        _marked_layer(),
        *_label_layers(highlight),
    ]
    note = f"{subtitle} {_marks_note(drawn.points, size)}".strip()
    positions = {
        "x": _position(alt.X, "x", x, drawn.x_domain, width),
        "y": _position(alt.Y, "y", y, drawn.y_domain, height),
    }
    chart = alt.layer(*(layer.encode(**positions) for layer in layers)).properties(
        width=width,
        height=height,
        title=alt.TitleParams(text=wrapped_title(title, width), subtitle=wrapped(note, width)),
        description=f"{title}. {note}",
        usermeta={"cssVariables": palette.CSS_VARIABLES, **_for_redrawing(drawn, x, y, is_zoomed=domains is not None)},
    )
    spec = to_spec(chart, legend_columns=_legend_columns(drawn))
    # Not by altair, which checks every number of them against its schema.
    spec["datasets"] = {name: table.to_dict("records") for name, table in datasets.items()}
    return spec


def _for_redrawing(drawn: Drawn, x: Axis, y: Axis, *, is_zoomed: bool) -> dict[str, Any]:
    """What a page needs to replace the datasets by itself: limits of the axes, areas of the marks, who is drawn."""
    axes = ((x, drawn.x_domain), (y, drawn.y_domain))
    limits = [{"direction": axis.direction, "scale": axis.scale, "domain": list(domain)} for axis, domain in axes]
    return {
        "axes": {"x": limits[0], "y": limits[1], "zoomed": is_zoomed},
        "marks": {
            "point": POINT_AREA_PX,
            "front": FRONT_AREA_PX,
            "smallest": SMALLEST_AREA_PX,
            "largest": BUBBLE_AREA_PX,
            "special": SPECIAL_SCALE,
        },
        "models": drawn.points["model"].tolist(),
    }


def _legend_columns(drawn: Drawn) -> int:
    """Two on a narrow plot, one row (0) on a wide one."""
    return 2 if drawn.width < NARROW_PX else 0


def _marks_note(points: pd.DataFrame, size: Axis | None) -> str:
    """Explains the marks that the legend does not, as far as they are drawn."""
    notes = []
    if ((points["recipe"] == "ssld") & (points["precision"] == "fp32")).any():
        notes.append("★ distilled (SSLD)")
    if (points["precision"] == "int8").any():
        notes.append("◆ int8")
    if size is not None:
        notes.append(f"area of the marks: {size.title}")
    return f"{', '.join(notes)}." if notes else ""


def _position(channel: Any, field: str, axis: Axis, domain: Domain, length_px: int) -> Any:
    ticks = axis.ticks(domain)
    options: dict[str, Any] = {"values": ticks} if ticks else {"tickCount": 6}
    number_format = ".0%" if axis.unit == "fraction" else "~r"
    style = alt.Axis(format=number_format, title=axis.label, titleLimit=length_px + 40, **options)
    return channel(f"{field}:Q", scale=alt.Scale(**axis.encoding_scale(domain)), axis=style)


def _family_colour(families: list[str]) -> alt.Color:
    colours, _ = palette.family_styles(families)
    return alt.Color("family_title:N", scale=alt.Scale(domain=families, range=colours), title=None)


def _series_layer(families: list[str], highlight: alt.Parameter, *, is_cut: bool) -> alt.Chart:
    line: alt.Chart = (
        alt.Chart(alt.NamedData("series"))
        .mark_line(strokeWidth=1.5, aria=False, clip=is_cut)
        .encode(
            color=_family_colour(families),
            order="width_multiplier:Q",
            opacity=alt.condition(highlight, alt.value(0.5), alt.value(FADED / 2), empty=True),
        )
    )
    return line


def _front_layer(x: Axis, *, is_cut: bool) -> alt.Chart:
    step: Literal["step-after", "step-before"] = "step-after" if x.direction == "min" else "step-before"
    line: alt.Chart = alt.Chart(alt.NamedData("front")).mark_line(
        interpolate=step, color=palette.FRONT, strokeWidth=1.5, strokeDash=[5, 3], aria=False, clip=is_cut
    )
    return line


def _points_table(points: pd.DataFrame) -> pd.DataFrame:
    columns = [
        "model", "family_title", "recipe", "precision", "x", "y", "x_text", "y_text", "flags",
        "on_front", "is_base", "area_px",
    ]  # fmt: skip
    return points[[*columns, "size_text"] if "size_text" in points else columns]


def _points_layers(
    points: pd.DataFrame, families: list[str], highlight: alt.Parameter, x: Axis, y: Axis, size: Axis | None
) -> list[alt.Chart]:
    """Plain fp32 models in their family's shape, as the legend says; distilled and int8 ones in marks of their own."""
    _, shapes = palette.family_styles(families)
    # Bubbles lie over each other, so they let through what is below.
    style: dict[str, Any] = {"filled": True, "strokeWidth": 1.2, "fillOpacity": 1 if size is None else BUBBLE_OPACITY}
    base = alt.Chart(alt.NamedData("points")).mark_point(**style).transform_filter("datum.is_base")
    base = base.encode(shape=alt.Shape("family_title:N", scale=alt.Scale(domain=families, range=shapes), title=None))
    special_shape = f"datum.precision === 'int8' ? '{palette.DIAMOND}' : '{palette.STAR}'"
    special = alt.Chart(alt.NamedData("points")).mark_point(**style, shape=alt.expr(special_shape))
    special = special.transform_filter("!datum.is_base")
    encodings = {
        "color": _family_colour(families),
        "size": alt.Size("area_px:Q", scale=None),
        "stroke": alt.condition("datum.on_front", alt.value(palette.INK), alt.value(palette.SURFACE)),
        "opacity": alt.condition(highlight, alt.value(1), alt.value(FADED), empty=True),
        "tooltip": _tooltip(points, x, y, size),
    }
    return [base.encode(**encodings).add_params(highlight), special.encode(**encodings)]


def _marked_layer() -> alt.Chart:
    """A ring around the models that are picked out, or pointed at in the table."""
    ring: alt.Chart = (
        alt.Chart(alt.NamedData("marked"))
        .mark_point(shape="circle", filled=False, stroke=palette.FRONT, strokeWidth=2, aria=False)
        .transform_calculate(ring_px=f"datum.area_px + {RING_AREA_PX}")
        .encode(size=alt.Size("ring_px:Q", scale=None))
    )
    return ring


def _tooltip(points: pd.DataFrame, x: Axis, y: Axis, size: Axis | None) -> list[alt.Tooltip]:
    titles = {
        "model": "Model",
        "family_title": "Family",
        "recipe": "Recipe",
        "precision": "Precision",
        "x_text": x.title,
        "y_text": y.title,
        **({"size_text": size.title} if size else {}),
        "flags": "Flags",
    }
    if not points["flags"].any():
        del titles["flags"]
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def _label_layers(highlight: alt.Parameter) -> list[alt.Chart]:
    """Each label twice: a halo in the surface colour below, the text above."""
    shown = highlight | (alt.datum.family_title == "")  # the front's own label belongs to no family
    halo = {"stroke": palette.SURFACE, "strokeWidth": 3, "color": palette.SURFACE}
    return [
        alt.Chart(alt.NamedData("labels"))
        .mark_text(
            fontSize=LABEL_FONT_PX,
            baseline="middle",
            align=alt.expr("datum.align"),
            dx=alt.expr("datum.dx"),
            dy=alt.expr("datum.dy"),
            fontWeight=alt.expr("datum.is_strong ? 600 : 400"),
            aria=False,
            **style,
        )
        .encode(text="text:N", opacity=alt.when(shown).then(alt.value(1)).otherwise(alt.value(FADED)))
        for style in (halo, {"color": palette.INK})
    ]
