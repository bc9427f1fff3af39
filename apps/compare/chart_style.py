"""The look that all charts share."""

from __future__ import annotations

from typing import Any

from apps.compare import palette
from apps.compare.text_width import text_width_px

FONT = "Helvetica Neue, Arial, Liberation Sans, sans-serif"
SUBTITLE_FONT_PX = 12


def chart_config(*, legend_columns: int = 0) -> dict[str, Any]:
    """Vega-Lite `config`: quiet axes, a legend above the plot in one row (0) or in columns."""
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "fontSize": 16,
            "fontWeight": 600,
            "color": palette.INK,
            "offset": 12,
            "subtitleColor": palette.MUTED,
            "subtitleFontSize": SUBTITLE_FONT_PX,
            "subtitlePadding": 6,
            "subtitleLineHeight": 17,
        },
        "axis": {
            "domain": False,
            "gridColor": palette.GRID,
            "tickColor": palette.GRID,
            "labelColor": palette.MUTED,
            "labelFontSize": 11,
            "titleColor": palette.MUTED,
            "titleFontSize": 12,
            "titleFontWeight": 500,
            "titlePadding": 10,
        },
        "legend": {
            "orient": "top",
            "direction": "horizontal",
            "columns": legend_columns,
            "columnPadding": 16,
            "labelColor": palette.INK,
            "labelFontSize": 12,
            "labelLimit": 240,
            "offset": 10,
            "symbolOpacity": 1,
            "symbolSize": 80,
        },
    }


def wrapped(text: str, width_px: int) -> list[str]:
    """Break a subtitle into lines that fit the plot."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width_px(longer, SUBTITLE_FONT_PX) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
