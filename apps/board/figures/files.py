"""A figure as a file: a picture with its source and date on it, or its numbers."""

import csv
import io
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any

from apps.board.board_files import PAPER, picture_file
from apps.board.figures.base import WIDE_PX
from apps.board.figures.content import Content, Line
from apps.board.figures.drawing import Shown
from apps.board.kept import kept
from apps.core.errors import NotFound
from apps.results.facets import width_text

CONTENT_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
FORMATS = ("html", *CONTENT_TYPES)


def source_line(content: Content) -> str:
    return f"Source: {'; '.join(content.sources()) or 'no values'}"


def figure_picture(shown: Shown, kind: str, *, url: str, at: datetime, before_drawing: Callable[[], None]) -> bytes:
    """The picture as `svg` or `png`, drawn once a day at most. `before_drawing` may refuse to.

    Raises: NotFound while there is nothing to draw.
    """
    if shown.chart is None:
        raise NotFound(f"There is nothing to draw yet: {shown.sentence}")
    line = f"{source_line(shown.content)}. zooboard, {at:%Y-%m-%d}, {url}"
    spec = shown.chart["spec"]

    def draw() -> bytes:
        before_drawing()
        return picture_file(signed_spec(spec, line), kind)

    return kept(f"figure-{kind}", [shown.facts, line], draw)


def signed_spec(spec: dict[str, Any], line: str) -> dict[str, Any]:
    """The spec with a line below its title, on white."""
    from apps.compare.chart_style import wrapped

    signed = deepcopy(spec)
    title = signed["title"]
    below = title.get("subtitle", [])
    title["subtitle"] = [*([below] if isinstance(below, str) else below), *wrapped(line, WIDE_PX)]
    signed["background"] = signed["config"]["background"] = PAPER
    return signed


def figure_json(shown: Shown, *, url: str, at: datetime) -> dict[str, Any]:
    return {
        "slug": shown.figure.slug,
        "title": shown.figure.title,
        "about": shown.figure.about,
        "sentence": shown.sentence,
        "sources": shown.content.sources(),
        "url": url,
        "at": at,
        "families": list(shown.families),
        "fields": [{"key": field.key, "title": field.title, "unit": field.unit} for field in shown.content.fields],
        "rows": [_json_row(line) for line in shown.content.lines],
    }


def _json_row(line: Line) -> dict[str, Any]:
    values = {
        key: {"value": value.number, "printed": value.text, "source": value.source or "computed from the others"}
        for key, value in line.values.items()
    }
    return {"model": line.row.model, "family": line.row.family, "values": values}


def figure_csv(shown: Shown) -> str:
    """One row per model; each value beside its source, both empty where it is missing."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["model", "family", "recipe", "precision", "width_multiplier", *_heads(shown.content)])
    for line in shown.content.lines:
        row = line.row
        writer.writerow(
            [row.model, row.family, row.recipe, row.precision, width_text(row), *_cells(shown.content, line)]
        )
    return file.getvalue()


def _heads(content: Content) -> Iterator[str]:
    for field in content.fields:
        yield f"{field.key} [{field.unit}]" if field.unit else field.key
        yield f"{field.key} source"


def _cells(content: Content, line: Line) -> Iterator[str]:
    for field in content.fields:
        value = line.values.get(field.key)
        # Without the thousands' commas of what is computed.
        yield value.text.replace(",", "") if value else ""
        yield (value.source or "computed") if value else ""
