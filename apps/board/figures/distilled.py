"""What SSLD, training by a stronger teacher, adds to the accuracy of each family."""

from typing import Any

from apps.board.figures.accuracy import TOP1
from apps.board.figures.base import NARROW_PX, WIDE_PX, Figure, Specs
from apps.board.figures.content import Content, Field, Line, Value, board_content, is_plain
from apps.catalog.models import Network
from apps.catalog.models.network import Precision, Recipe
from apps.compare.sentence import Change, gain_sentence
from apps.results.leaderboard import Board, Row

PLAIN, SSLD, GAIN = "top1-plain", "top1-ssld", "gain"
FIELDS = [Field(PLAIN, "Top-1, plain", ""), Field(SSLD, "Top-1, SSLD", ""), Field(GAIN, "Gain", "points")]


def gain_content(board: Board) -> Content:
    """A line per distilled FP32 model: its accuracy beside that of the same network trained plainly. Runs one query."""
    accuracy = board_content(board, (TOP1,))
    bases = dict(Network.objects.values_list("name", "base__name"))
    plain = {line.row.model: line.values[TOP1] for line in accuracy.lines if is_plain(line.row)}
    lines = [
        _line(line, plain.get(bases.get(line.row.model) or "")) for line in accuracy.lines if _is_distilled(line.row)
    ]
    return Content(FIELDS, lines)


def _is_distilled(row: Row) -> bool:
    return row.recipe == Recipe.SSLD and row.precision == Precision.FP32


def _line(line: Line, plain: Value | None) -> Line:
    distilled = line.values[TOP1]
    if plain is None:
        return Line(line.row, {SSLD: distilled})
    points = (distilled.number - plain.number) * 100
    return Line(line.row, {PLAIN: plain, SSLD: distilled, GAIN: Value(points, f"{points:+.1f}", "")})


def _pairs(content: Content) -> list[Line]:
    return [line for line in content.lines if GAIN in line.values]


def _sentence(content: Content) -> str:
    return gain_sentence(
        [Change(line.row.model, line.values[PLAIN].number, line.values[SSLD].number) for line in _pairs(content)]
    )


def _specs(board: Board, everything: Content, shown: Content) -> Specs:
    import pandas as pd

    from apps.compare.dot_rows import dot_rows_spec, training_marks

    lines = sorted(_pairs(shown), key=lambda line: line.values[GAIN].number, reverse=True)
    dots = [_dot(line, key) for line in lines for key in (PLAIN, SSLD)]
    options: dict[str, Any] = {
        "marks": training_marks("plain", "SSLD"),
        "x_title": "Top-1 (%), higher is better",
        "number_format": ".0%",
        "title": DISTILLED.title,
        "subtitle": "The same network, trained plainly and with SSLD; the gain in points of top-1.",
    }
    frame = pd.DataFrame(dots).astype({"value": float})
    return {
        "spec": dot_rows_spec(frame, width=WIDE_PX - 140, row_px=44, **options),
        "narrow_spec": dot_rows_spec(frame, width=NARROW_PX - 110, row_px=44, **options),
    }


def _dot(line: Line, key: str) -> dict[str, Any]:
    value = line.values[key]
    return {
        "model": line.row.model,
        "short": line.row.short.removesuffix(" SSLD"),
        "mark": "plain" if key == PLAIN else "SSLD",
        "text": f"{value.text} ({value.source})",
        "end": f"{line.values[GAIN].text} points",
        "value": value.number,
    }


DISTILLED = Figure(
    slug="ssld-gain",
    title="What SSLD adds, by family",
    about=(
        "SSLD trains a network with the answers of a stronger one. It changes the weights, not the network, so size "
        "and latency stay."
    ),
    content=gain_content,
    sentence=_sentence,
    specs=_specs,
    is_drawable=lambda content: bool(_pairs(content)),
)
