"""A chart as SVG, for pages without JavaScript and for downloads.

One drawing serves the light and the dark theme: every colour of the palette becomes a CSS custom property with the
light colour as its fallback, so the picture is right outside the site too. The SVG holds no style attribute and no
script, as a strict Content-Security-Policy wants.
"""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

from apps.compare.palette import CSS_VARIABLES

_SVG_START = re.compile(r"<svg ([^>]*)>")
_COLOUR = re.compile(r'(fill|stroke)="(#[0-9a-f]{6})"')
_CLIP = re.compile(r'(id="|url\(#)clip')
_ARIA = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')


def render_svg(spec: dict[str, Any], *, element_id: str = "chart") -> str:
    """Draw a Vega-Lite spec. Assistive technology gets one image with the spec's description, not its single marks.

    `element_id` keeps the ids of several charts on one page apart.

    Raises: ValueError for a spec that Vega cannot draw.
    """
    import vl_convert  # takes about a second to import, and only drawing needs it

    svg: str = vl_convert.vegalite_to_svg(spec)
    svg = _ARIA.sub("", svg)
    svg = _COLOUR.sub(_themed, svg)
    svg = _CLIP.sub(lambda found: f"{found[1]}{element_id}-clip", svg)
    title, description = escape(_title(spec)), escape(str(spec.get("description", "")))
    names = f'role="img" aria-labelledby="{element_id}-title {element_id}-desc"'
    head = f'<title id="{element_id}-title">{title}</title><desc id="{element_id}-desc">{description}</desc>'
    return _SVG_START.sub(lambda found: f"<svg {found[1]} {names}>{head}", svg, count=1)


def _themed(found: re.Match[str]) -> str:
    attribute, colour = found.groups()
    variable = CSS_VARIABLES.get(colour)
    return f'{attribute}="var({variable}, {colour})"' if variable else found[0]


def _title(spec: dict[str, Any]) -> str:
    title = spec.get("title", "Chart")
    text = title["text"] if isinstance(title, dict) else title
    return " ".join(text) if isinstance(text, list) else str(text)
