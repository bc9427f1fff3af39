"""A badge: a name and a few values in one line of SVG, for a README or a model card."""

from __future__ import annotations

from xml.sax.saxutils import escape

from apps.compare.text_width import text_width_px

FONT_PX, HEIGHT_PX, PADDING_PX, RADIUS_PX = 11, 22, 8, 4
NAME_COLOUR, VALUE_COLOUR, TEXT_COLOUR = "#3a4454", "#2f4fd0", "#ffffff"
FONT = "Verdana,Arial,Liberation Sans,sans-serif"


def badge_svg(name: str, text: str, *, description: str) -> str:
    """`name` on the left, `text` on the right; `description` is what a screen reader says and a pointer shows.

    The texts are set to the lengths that the boxes were made for, so that no font can overflow them.
    """
    name_px, text_px = (round(text_width_px(part, FONT_PX)) for part in (name, text))
    left, right = name_px + 2 * PADDING_PX, text_px + 2 * PADDING_PX
    width = left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT_PX}" '
        f'viewBox="0 0 {width} {HEIGHT_PX}" role="img" aria-label="{_attribute(description)}">'
        f"<title>{escape(description)}</title>"
        f'<rect width="{width}" height="{HEIGHT_PX}" rx="{RADIUS_PX}" fill="{VALUE_COLOUR}"/>'
        f'<path d="{_left_box(left)}" fill="{NAME_COLOUR}"/>'
        f'<g fill="{TEXT_COLOUR}" font-family="{FONT}" font-size="{FONT_PX}">'
        f"{_text(name, PADDING_PX, name_px)}{_text(text, left + PADDING_PX, text_px)}</g></svg>"
    )


def _left_box(width: int) -> str:
    """Round on its left side only."""
    corner, side = RADIUS_PX, HEIGHT_PX - 2 * RADIUS_PX
    below = f"a{corner} {corner} 0 0 1 -{corner} -{corner}"
    above = f"a{corner} {corner} 0 0 1 {corner} -{corner}"
    return f"M{corner} 0H{width}V{HEIGHT_PX}H{corner}{below}v-{side}{above}z"


def _text(text: str, x: int, length: int) -> str:
    return f'<text x="{x}" y="15" textLength="{length}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
