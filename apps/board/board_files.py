"""What the board shows as a file: the table as CSV, the chart with its source and date on it as SVG or PNG."""

import csv
import io
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any

from apps.board.board_state import Seen
from apps.board.charts import WIDE_PX, picture_specs
from apps.board.kept import kept
from apps.board.text import source_line
from apps.results.facets import width_text
from apps.results.leaderboard import Cell, Column, Row

PNG_SCALE = 2
PAPER = "#ffffff"


def board_csv(seen: Seen) -> str:
    """One row per model that the filters keep; each value beside its unit and source, empty where it is missing."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["model", "family", "recipe", "precision", "width_multiplier", "on_front", *_heads(seen)])
    for row in seen.rows:
        known = [row.model, row.family, row.recipe, row.precision, width_text(row), row.model in seen.front]
        writer.writerow([*known, *_values(row, seen.query.columns)])
    return file.getvalue()


def _heads(seen: Seen) -> Iterator[str]:
    for column in seen.query.columns:
        yield f"{column.key} [{column.metric.unit}]" if column.metric.unit else column.key
        yield f"{column.key} source"


def _values(row: Row, columns: list[Column]) -> Iterator[str]:
    for column in columns:
        cell = row.cells.get(column.key)
        yield _text(cell) if cell else ""
        yield "; ".join([cell.source, *cell.flags]) if cell else ""


def _text(cell: Cell) -> str:
    return cell.printed or f"{cell.value.normalize():f}"


def signed_spec(seen: Seen, *, url: str, at: datetime) -> dict[str, Any]:
    """The chart's spec with where its values come from, where it was made and when, below its title.

    Raises: ValueError without a chart.
    """
    if seen.picture is None:
        raise ValueError("There is nothing to draw yet.")
    from apps.compare.chart_style import wrapped

    spec: dict[str, Any] = deepcopy(picture_specs(seen.board, seen.rows, seen.picture)["spec"])
    line = f"{source_line(_cells(seen))}. zooboard, {at:%Y-%m-%d}, {url}"
    spec["title"]["subtitle"] = [*spec["title"]["subtitle"], *wrapped(line, WIDE_PX)]
    spec["background"] = spec["config"]["background"] = PAPER
    return spec


def _cells(seen: Seen) -> Iterator[Cell]:
    assert seen.picture is not None
    keys = [column.key for column in (seen.picture.x, seen.picture.y, seen.picture.size) if column]
    return (cell for row in seen.rows for key in keys if (cell := row.cells.get(key)))


def drawn_once(spec: dict[str, Any], kind: str, *, before_drawing: Callable[[], None]) -> bytes:
    """The picture as `picture_file` draws it, once for every spec. `before_drawing` may refuse to."""

    def draw() -> bytes:
        before_drawing()
        return picture_file(spec, kind)

    return kept(f"board-{kind}", spec, draw)


def picture_file(spec: dict[str, Any], kind: str) -> bytes:
    """The picture as `svg` or `png`, in light colours."""
    import vl_convert

    if kind == "png":
        png: bytes = vl_convert.vegalite_to_png(spec, scale=PNG_SCALE)
        return png
    svg: str = vl_convert.vegalite_to_svg(spec)
    return svg.encode()
