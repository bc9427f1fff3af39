"""What a badge says of a model: a few values, and whether they were published or measured here."""

from collections.abc import Sequence
from decimal import Decimal

from django.http import QueryDict

from apps.board.text import protocol_label, provenance
from apps.compare.badge import badge_svg
from apps.core.errors import NotFound, UserError
from apps.results.leaderboard import Board, Cell, Column, Row

USUAL = ("top1.paddleclas-accuracy", "latency.paddleclas-sd855-bs1")
MOST = 4
DIGITS = 3
"""Of a value that is not a share of images: more than anybody compares by eye."""
_SHORTER = (("Snapdragon ", "SD"), ("Tesla ", ""))
_SHARES = ("top1", "top5")


def badge_row(board: Board, model: str) -> Row:
    """Raises NotFound."""
    for row in board.rows:
        if row.model == model:
            return row
    raise NotFound(f"There is no model {model!r} on the board. Names are spelled as published.")


def read_metrics(parameters: QueryDict, board: Board) -> list[Column]:
    """`metrics=` with keys of the board's columns. Raises UserError that names the valid ones."""
    if "metrics" not in parameters:
        return [board.by_key[key] for key in USUAL if key in board.by_key]
    keys = [key for key in parameters.get("metrics", "").split(",") if key]
    if not keys or len(keys) > MOST:
        raise _refused(f"metrics names {len(keys)} columns: name one to {MOST}, with commas between.")
    for key in keys:
        if key not in board.by_key:
            raise _refused(f"There is no metric {key!r}. Valid: {', '.join(sorted(board.by_key))}.")
    return [board.by_key[key] for key in dict.fromkeys(keys)]


def model_badge(row: Row, columns: Sequence[Column]) -> str:
    """The badge as SVG, every value's origin in its description."""
    known = [(column, cell) for column in columns if (cell := row.cells.get(column.key))]
    text = badge_text(row, columns)
    said = " ".join(provenance(column, cell) for column, cell in known)
    return badge_svg(row.model, text, description=f"{row.model}: {text}. {said}".strip())


def badge_text(row: Row, columns: Sequence[Column]) -> str:
    """ "top-1 71.0 %, SD855 32.5 ms, published"; each value with its own origin where they differ."""
    cells = {column.key: row.cells.get(column.key) for column in columns}
    origins = {_origin(cell) for cell in cells.values() if cell}
    if not origins:
        return "no value"
    is_mixed = len(origins) > 1
    parts = [_part(column, cells[column.key], is_mixed) for column in columns]
    return ", ".join(parts if is_mixed else [*parts, *origins])


def _part(column: Column, cell: Cell | None, is_mixed: bool) -> str:
    if cell is None:
        return f"{_name(column)} no value"
    origin = f" ({_origin(cell)})" if is_mixed else ""
    return f"{_name(column)} {_number(column, cell)}{origin}"


def _name(column: Column) -> str:
    """ "top-1", "SD855", "T4 FP16 batch 4": a latency goes by its device alone, other times by their names too."""
    label = column.metric.label
    name = label.lower() if label[1:].islower() or column.metric.key in _SHARES else label
    place = column.device_kind
    for long, short in _SHORTER:
        place = place.replace(long, short)
    how = protocol_label(column).removesuffix("batch 1").strip()
    what = "" if place and column.metric.key == "latency" else name
    return " ".join(part for part in (place, how, what) if part)


def _number(column: Column, cell: Cell) -> str:
    if column.metric.key.endswith(_SHARES):
        digits = Decimal(cell.printed).scaleb(2) if cell.printed else round(cell.value * 100, 1)
        return f"{digits:f} %"
    places = max(0, DIGITS - 1 - cell.value.adjusted()) if cell.value else 0
    if cell.printed:
        # Never more digits than the source prints.
        places = min(places, len(cell.printed.partition(".")[2]))
    return f"{cell.value:.{places}f} {column.metric.unit}".strip()


def _origin(cell: Cell) -> str:
    if cell.run_id is None:
        return "published"
    return "measured" if cell.is_vetted else "measured, unvetted"


def _refused(message: str) -> UserError:
    return UserError(message, [{"field": "metrics", "message": message}])
