"""Latency on a T4 against FLOPs: why families that compute less are not faster there."""

from typing import Any

from apps.board.figures.base import NARROW_PX, WIDE_PX, Figure, Specs, family_titles
from apps.board.figures.content import Content, Line, board_content, series
from apps.board.figures.t4 import latency_key
from apps.compare.sentence import equal_work, equal_work_sentence
from apps.results.leaderboard import Board

FLOPS, LATENCY = "flops_paddle.paddleclas-complexity", latency_key("fp16", 1)


def _lines(content: Content) -> list[Line]:
    """Those that can be drawn on logarithmic axes, in width order within a family."""
    return [line for line in series(content.lines) if line.number(FLOPS) and line.number(LATENCY)]


def _curves(content: Content) -> dict[str, list[tuple[float, float]]]:
    curves: dict[str, list[tuple[float, float]]] = {}
    for line in _lines(content):
        point = (line.values[FLOPS].number, line.values[LATENCY].number)
        curves.setdefault(line.row.family_title, []).append(point)
    return {family: sorted(curve) for family, curve in curves.items()}


def _sentence(content: Content) -> str:
    return equal_work_sentence(equal_work(_curves(content)), work="GFLOPs", unit="ms")


def _specs(board: Board, everything: Content, shown: Content) -> Specs:
    import pandas as pd

    from apps.compare.axis import Axis
    from apps.compare.work_lines import work_lines_spec

    order = {family: place for place, family in enumerate(family_titles(board))}
    lines = sorted(_lines(shown), key=lambda line: order[line.row.family_title])
    frame = pd.DataFrame([_point(line) for line in lines]).astype({"x": float, "y": float})
    options: dict[str, Any] = {
        "x": Axis("FLOPs of one image, as the document counts", "G", "min", "log"),
        "y": Axis("Latency on Tesla T4, FP16 batch 1", "ms", "min", "log"),
        "title": WORK.title,
        "subtitle": "Plain models, joined in width order. The dashed line crosses the families at the same FLOPs.",
        "families": list(order),
        "equal": equal_work(_curves(shown)),
    }
    return {
        "spec": work_lines_spec(frame, width=WIDE_PX, height=460, **options),
        "narrow_spec": work_lines_spec(frame, width=NARROW_PX + 30, height=380, **options),
    }


def _point(line: Line) -> dict[str, Any]:
    flops, latency = line.values[FLOPS], line.values[LATENCY]
    return {
        "model": line.row.model,
        "family_title": line.row.family_title,
        "x": flops.number,
        "y": latency.number,
        "x_text": f"{flops.text} G ({flops.source})",
        "y_text": f"{latency.text} ms ({latency.source})",
    }


WORK = Figure(
    slug="t4-latency-flops",
    title="T4 latency against FLOPs",
    about=(
        "Lines one above the other do the same work in more time. The document's counter leaves out part of the "
        "depthwise convolutions of all families but MobileNetV3, so the others do a little more than they show."
    ),
    content=lambda board: board_content(board, (FLOPS, LATENCY)),
    sentence=_sentence,
    specs=_specs,
    is_drawable=lambda content: bool(_lines(content)),
)
