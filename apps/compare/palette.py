"""Colours and shapes of charts.

A spec carries the light colours as plain hexadecimal, so that it draws anywhere. `CSS_VARIABLES` names the custom
property behind each; the site's SVG and its chart module swap one for the other, so one drawing follows the theme.

Source: the families' hues are those of Okabe and Ito's set, shifted until they stand out from white and from each other
for protanopes and deuteranopes too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

INK: Final = "#1b2430"
MUTED: Final = "#5a6676"
GRID: Final = "#e4e8ee"
SURFACE: Final = "#fffffe"
"""Not quite white, so that it is no other colour's twin when they are swapped for custom properties."""
FRONT: Final = "#2f4fd0"

FAMILY_COLOURS: Final = ("#3a4454", "#1f7fd0", "#d55e00", "#c868a4", "#0a9a6e", "#8c6d00")
FAMILY_SHAPES: Final = ("circle", "square", "triangle-up", "triangle-down", "cross", "wedge")

STAR: Final = "M0,-1.2L.32,-.42L1.16,-.38L.5,.15L.73,.97L0,.5L-.73,.97L-.5,.15L-1.16,-.38L-.32,-.42Z"
"""Path of the mark for distilled weights, in the unit square of Vega's symbols."""
DIAMOND: Final = "diamond"

CSS_VARIABLES: Final[dict[str, str]] = {
    INK: "--chart-ink",
    MUTED: "--chart-muted",
    GRID: "--chart-grid",
    SURFACE: "--surface",
    FRONT: "--chart-front",
    **{colour: f"--chart-family-{number}" for number, colour in enumerate(FAMILY_COLOURS, start=1)},
}


def family_styles(families: Sequence[str]) -> tuple[list[str], list[str]]:
    """Colours and shapes of the families in the given order. They repeat only beyond thirty-six families.

    The shapes turn one step further with every round of colours, so a pair comes back after all combinations.
    """
    count = len(FAMILY_COLOURS)
    colours = [FAMILY_COLOURS[index % count] for index in range(len(families))]
    shapes = [FAMILY_SHAPES[(index + index // count) % len(FAMILY_SHAPES)] for index in range(len(families))]
    return colours, shapes
