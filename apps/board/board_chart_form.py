"""The form beside the chart: axes, scales, bubble size, and the links that take the picture away."""

from itertools import groupby
from typing import Any

from django.http import QueryDict

from apps.board.board_picture import SCALES, usual_axes
from apps.board.board_state import Seen
from apps.board.charts import axis_title
from apps.board.table import changed, group_title
from apps.results.leaderboard import Column

DOWNLOADS = (
    ("svg", "SVG", "The chart as a drawing"),
    ("png", "PNG", "The chart as an image"),
    ("csv", "CSV", "The table, with the source of every value"),
    ("json", "JSON", "The table as the API gives it"),
)


def chart_form(seen: Seen, address: QueryDict) -> dict[str, Any] | None:
    """What `_board_chart.html` shows; None without a chart."""
    picture = seen.picture
    if picture is None:
        return None
    return {
        "axes": [
            _axis("y", "Vertical", picture.y, seen),
            _axis("x", "Horizontal", picture.x, seen),
            _axis("size", "Area", picture.size, seen, none="all alike"),
        ],
        "scales": [_scale("yscale", "Vertical scale", address), _scale("xscale", "Horizontal scale", address)],
        "downloads": [
            {"title": title, "help": text, "url": changed(address, format=kind, page=None), "format": kind}
            for kind, title, text in DOWNLOADS
        ],
        "unzoomed_url": changed(address, zoom=None) if picture.zoom else None,
    }


def _axis(name: str, label: str, chosen: Column | None, seen: Seen, *, none: str = "") -> dict[str, Any]:
    groups = groupby(seen.board.columns, key=group_title)
    return {
        "name": name,
        "label": label,
        "none": none,
        "usual": "" if none else usual_axes(seen.board)[name == "y"].key,
        "groups": [
            {
                "title": title,
                "options": [{"key": c.key, "label": axis_title(c), "is_chosen": c == chosen} for c in columns],
            }
            for title, columns in groups
        ],
    }


def _scale(name: str, label: str, address: QueryDict) -> dict[str, Any]:
    asked = address.get(name, "")
    options = [{"value": scale, "label": scale, "is_chosen": scale == asked} for scale in SCALES]
    return {"name": name, "label": label, "options": [{"value": "", "label": "auto", "is_chosen": not asked}, *options]}
