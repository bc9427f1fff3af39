"""What the board shows as a file: the table as CSV, the chart with its source and date on it as SVG or PNG."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any

from apps.board.board_state import Seen
from apps.board.charts import WIDE_PX, picture_specs
from apps.board.kept import kept
from apps.board.text import source_line
from apps.core.tables import FORMATS
from apps.results.leaderboard import Cell
from apps.results.wide import wide_columns, wide_rows

PNG_SCALE = 2
PAPER = "#ffffff"


def board_csv(seen: Seen) -> bytes:
    """One row per model that the filters keep; each value beside its unit and source, empty where it is missing."""
    columns = seen.query.columns
    return b"".join(FORMATS["csv"].write(wide_columns(columns), wide_rows(seen.rows, columns, seen.front)))


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
