"""How wide a text will be, without a browser: a safe upper estimate for the usual sans-serif fonts.

Source: advance widths of Liberation Sans (metrically Arial), by class of letter, with a margin for wider system fonts.
"""

from __future__ import annotations

SAFETY = 1.1
LINE_HEIGHT = 1.2
BOLD = 1.07

_NARROW = frozenset(" ijlIft.,:;'|!()[]-/")
_WIDE = frozenset("mwMW@%")


def text_width_px(text: str, font_px: float, *, is_bold: bool = False) -> float:
    return sum(map(_advance, text)) * font_px * SAFETY * (BOLD if is_bold else 1)


def text_height_px(font_px: float) -> float:
    return font_px * LINE_HEIGHT


def _advance(letter: str) -> float:
    """Width of one letter as a part of the font size."""
    if letter in _NARROW:
        return 0.333
    if letter in _WIDE:
        return 0.89
    return 0.72 if letter.isupper() else 0.584
