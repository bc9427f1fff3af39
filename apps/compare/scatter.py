"""The scatter plot of two metrics of many models: families, width series, the Pareto front, direct labels.

The answer is a Vega-Lite spec in light colours; `svg.py` and the page's chart module draw it in either theme.
"""

from __future__ import annotations

from typing import Any, Literal, cast

import altair as alt
import pandas as pd

from apps.compare import palette
from apps.compare.axis import Axis, Domain
from apps.compare.chart_style import chart_config, wrapped
from apps.compare.scatter_frame import LABEL_FONT_PX, Drawn, drawn_frame, label_table

NARROW_PX = 500
FADED = 0.12
"""Opacity of what the legend's selection leaves out."""


def scatter_spec(
    frame: pd.DataFrame, *, x: Axis, y: Axis, title: str, subtitle: str, width: int = 860, height: int = 480
) -> dict[str, Any]:
    """Draw the models of a frame; rows without both values are left out.

    Shapes: columns `model`, `short`, `family`, `family_title` (str), `recipe` (plain | ssld), `precision`
    (fp32 | int8), `width_multiplier` (float), `x`, `y` (float in the axes' units, NaN where missing), `x_printed`,
    `y_printed`, `x_origin`, `y_origin` (str), optionally `flags` (str). Families get their colours in order of
    appearance.

    Units: `width` and `height` are pixels of the plot, without axes and legend.
    """
    families = frame["family_title"].drop_duplicates().tolist()
    drawn = drawn_frame(frame, x=x, y=y, width=width, height=height)
    highlight = alt.selection_point(name="family", fields=["family_title"], bind="legend")
    layers = [
        _series_layer(drawn.series, families, highlight),
        _front_layer(drawn.front, x),
        *_points_layers(drawn.points, families, highlight, x, y),
        *_label_layers(label_table(drawn), highlight),
    ]
    note = f"{subtitle} {_marks_note(drawn.points)}".strip()
    positions = {
        "x": _position(alt.X, "x", x, drawn.x_domain, width),
        "y": _position(alt.Y, "y", y, drawn.y_domain, height),
    }
    chart = alt.layer(*(layer.encode(**positions) for layer in layers)).properties(
        width=width,
        height=height,
        title=alt.TitleParams(text=title, subtitle=wrapped(note, width)),
        description=f"{title}. {note}",
        usermeta={"cssVariables": palette.CSS_VARIABLES},
    )
    return cast(dict[str, Any], chart.configure(**chart_config(legend_columns=_legend_columns(drawn))).to_dict())


def _legend_columns(drawn: Drawn) -> int:
    """Two on a narrow plot, one row (0) on a wide one."""
    return 2 if drawn.width < NARROW_PX else 0


def _marks_note(points: pd.DataFrame) -> str:
    """Explains the marks that the legend does not, as far as they are drawn."""
    notes = []
    if ((points["recipe"] == "ssld") & (points["precision"] == "fp32")).any():
        notes.append("★ distilled (SSLD)")
    if (points["precision"] == "int8").any():
        notes.append("◆ int8")
    return f"{', '.join(notes)}." if notes else ""


def _position(channel: Any, field: str, axis: Axis, domain: Domain, length_px: int) -> Any:
    ticks = axis.ticks(domain)
    options: dict[str, Any] = {"values": ticks} if ticks else {"tickCount": 6}
    number_format = ".0%" if axis.unit == "fraction" else "~g"
    style = alt.Axis(format=number_format, title=axis.label, titleLimit=length_px + 40, **options)
    return channel(f"{field}:Q", scale=alt.Scale(**axis.encoding_scale(domain)), axis=style)


def _family_colour(families: list[str]) -> alt.Color:
    colours, _ = palette.family_styles(families)
    return alt.Color("family_title:N", scale=alt.Scale(domain=families, range=colours), title=None)


def _series_layer(series: pd.DataFrame, families: list[str], highlight: alt.Parameter) -> alt.Chart:
    columns = series[["x", "y", "family_title", "width_multiplier"]]
    line: alt.Chart = (
        alt.Chart(columns)
        .mark_line(strokeWidth=1.5, aria=False)
        .encode(
            color=_family_colour(families),
            order="width_multiplier:Q",
            opacity=alt.condition(highlight, alt.value(0.5), alt.value(FADED / 2), empty=True),
        )
    )
    return line


def _front_layer(front: pd.DataFrame, x: Axis) -> alt.Chart:
    step: Literal["step-after", "step-before"] = "step-after" if x.direction == "min" else "step-before"
    corners = front[["x", "y"]].sort_values("x", kind="stable")
    line: alt.Chart = alt.Chart(corners).mark_line(
        interpolate=step, color=palette.FRONT, strokeWidth=1.5, strokeDash=[5, 3], aria=False
    )
    return line


def _points_layers(
    points: pd.DataFrame, families: list[str], highlight: alt.Parameter, x: Axis, y: Axis
) -> list[alt.Chart]:
    """Plain fp32 models in their family's shape, as the legend says; distilled and int8 ones in marks of their own."""
    _, shapes = palette.family_styles(families)
    columns = points.drop(columns=["px", "py"])
    base = alt.Chart(columns[columns["is_base"]]).mark_point(filled=True, strokeWidth=1.2)
    base = base.encode(shape=alt.Shape("family_title:N", scale=alt.Scale(domain=families, range=shapes), title=None))
    special_shape = f"datum.precision === 'int8' ? '{palette.DIAMOND}' : '{palette.STAR}'"
    special = alt.Chart(columns[~columns["is_base"]])
    special = special.mark_point(filled=True, strokeWidth=1.2, shape=alt.expr(special_shape))
    encodings = {
        "color": _family_colour(families),
        "size": alt.Size("area_px:Q", scale=None),
        "stroke": alt.condition("datum.on_front", alt.value(palette.INK), alt.value(palette.SURFACE)),
        "opacity": alt.condition(highlight, alt.value(1), alt.value(FADED), empty=True),
        "tooltip": _tooltip(points, x, y),
    }
    return [base.encode(**encodings).add_params(highlight), special.encode(**encodings)]


def _tooltip(points: pd.DataFrame, x: Axis, y: Axis) -> list[alt.Tooltip]:
    titles = {
        "model": "Model",
        "family_title": "Family",
        "recipe": "Recipe",
        "precision": "Precision",
        "x_text": x.title,
        "y_text": y.title,
        "flags": "Flags",
    }
    if not points["flags"].any():
        del titles["flags"]
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def _label_layers(labels: pd.DataFrame, highlight: alt.Parameter) -> list[alt.Chart]:
    """Each label twice: a halo in the surface colour below, the text above."""
    shown = highlight | (alt.datum.family_title == "")  # the front's own label belongs to no family
    halo = {"stroke": palette.SURFACE, "strokeWidth": 3, "color": palette.SURFACE}
    return [
        alt.Chart(labels)
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
