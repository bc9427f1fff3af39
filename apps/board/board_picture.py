"""What an address asks of the board's chart: axes, scales, bubble size, zoom, and which models are picked out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, cast

from django.http import QueryDict

from apps.core.api.parameters import one_of
from apps.core.errors import UserError
from apps.results.leaderboard import Board, Column

PARAMETERS = ("x", "y", "size", "xscale", "yscale", "zoom", "select")
USUAL_AXES = ("latency.paddleclas-sd855-bs1", "top1.paddleclas-accuracy")
"""(x, y): the question most visitors come with."""
SCALES = ("log", "linear")
MOST_SELECTED = 8
LARGEST, NARROWEST = 1e12, 1e-9
"""Of a zoomed axis: its largest number, and its length as a part of that."""

Scale = Literal["log", "linear"]
Zoom = tuple[float, float, float, float]
"""(lowest x, highest x, lowest y, highest y), in the columns' units."""


@dataclass(frozen=True)
class Picture:
    x: Column
    y: Column
    size: Column | None
    x_scale: Scale
    y_scale: Scale
    zoom: Zoom | None
    selected: tuple[str, ...]


def read_picture(parameters: QueryDict, board: Board) -> Picture | None:
    """None while the board has no column to draw. Raises UserError that names what is valid."""
    if not board.columns:
        return None
    usual_x, usual_y = usual_axes(board)
    x = _column(parameters, "x", board) or usual_x
    y = _column(parameters, "y", board) or usual_y
    x_scale, y_scale = _scale(parameters, "xscale", x), _scale(parameters, "yscale", y)
    return Picture(
        x=x,
        y=y,
        size=_column(parameters, "size", board),
        x_scale=x_scale,
        y_scale=y_scale,
        zoom=_zoom(parameters.get("zoom", ""), x_scale, y_scale),
        selected=_selected(parameters.get("select", ""), board),
    )


def usual_scale(column: Column) -> Scale:
    """Times differ by factors, everything else by amounts."""
    return "log" if column.metric.unit == "ms" else "linear"


def usual_axes(board: Board) -> tuple[Column, Column]:
    """(x, y) that are drawn when an address names none; of a board with columns."""
    x, y = USUAL_AXES
    return board.by_key.get(x, board.columns[-1]), board.by_key.get(y, board.columns[0])


def _column(parameters: QueryDict, name: str, board: Board) -> Column | None:
    key = parameters.get(name)
    if key is None:
        return None
    if key not in board.by_key:
        raise _refused(name, f"There is no column {key!r} to draw. Valid: {', '.join(sorted(board.by_key))}.")
    return board.by_key[key]


def _scale(parameters: QueryDict, name: str, column: Column) -> Scale:
    return cast(Scale | None, one_of(parameters, name, SCALES)) or usual_scale(column)


def _zoom(text: str, x_scale: Scale, y_scale: Scale) -> Zoom | None:
    if not text:
        return None
    numbers = [_number(part) for part in text.split(",")]
    scales = (x_scale, x_scale, y_scale, y_scale)
    if len(numbers) != 4 or not (_is_range(*numbers[:2]) and _is_range(*numbers[2:])):
        message = f"zoom={text!r} must be four numbers: lowest x, highest x, lowest y, highest y, as 2,20,0.6,0.8."
        raise _refused("zoom", message)
    if any(number <= 0 for number, scale in zip(numbers, scales, strict=True) if scale == "log"):
        raise _refused("zoom", f"zoom={text!r} must be above 0 on a logarithmic axis; xscale=linear takes others.")
    return cast(Zoom, tuple(numbers))


def _is_range(low: float, high: float) -> bool:
    """Finite, and wide enough to be drawn with floats."""
    largest = max(abs(low), abs(high))
    return largest < LARGEST and high - low > NARROWEST * largest


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _selected(text: str, board: Board) -> tuple[str, ...]:
    names = [name for name in text.split(",") if name]
    known = [row.model for row in board.rows]
    for name in names:
        if name not in known:
            raise _refused("select", f"There is no model {name!r}.{_hint(name, known)}")
    if len(names) > MOST_SELECTED:
        raise _refused("select", f"select names {len(names)} models: pick at most {MOST_SELECTED}.")
    return tuple(dict.fromkeys(names))


def _hint(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=3, cutoff=0.3)
    return f" Valid ones are, for example, {', '.join(close or known[:3])}." if known else ""


def _refused(field: str, message: str) -> UserError:
    return UserError(message, [{"field": field, "message": message}])
