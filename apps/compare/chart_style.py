"""The look that all charts share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.compare import palette
from apps.compare.text_width import text_width_px

FONT = "Helvetica Neue, Arial, Liberation Sans, sans-serif"
TITLE_FONT_PX, SUBTITLE_FONT_PX = 16, 12


def chart_config(*, legend_columns: int = 0) -> dict[str, Any]:
    """Vega-Lite `config`: quiet axes, a legend above the plot in one row (0) or in columns."""
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "fontSize": TITLE_FONT_PX,
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


def wrapped_title(text: str, width_px: int) -> list[str]:
    """Break a title into lines that fit the plot: one that is wider would widen the chart, or be cut off."""
    return _wrapped(text, lambda line: text_width_px(line, TITLE_FONT_PX, is_bold=True) <= width_px)


def wrapped(text: str, width_px: int) -> list[str]:
    """Break a subtitle into lines that fit the plot."""
    return _wrapped(text, lambda line: text_width_px(line, SUBTITLE_FONT_PX) <= width_px)


def _wrapped(text: str, fits: Callable[[str], bool]) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and fits(longer):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
