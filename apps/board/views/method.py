"""`/about/method`: how values come about, written from what the site itself holds."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.board.text import flag_label, value_text
from apps.board.views.errors import answers_user_errors
from apps.catalog.models import Protocol
from apps.core.api.parameters import check_known
from apps.results.leaderboard import Board, Cell, Row, load_board
from runners.statistics.flags import FLAGS

COUNTED = ("macs", "flops_2mac", "flops_paddle")


@answers_user_errors
def method(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ())
    complexity = complexity_rows(load_board())
    context = {
        "nav": "method",
        "protocols": Protocol.objects.newest(),
        "flags": [{"key": key, "label": flag_label(key)} for key in FLAGS],
        "complexity": complexity,
        "difference_range": _difference_range(complexity),
    }
    return render(request, "board/method.html", context)


def complexity_rows(board: Board) -> list[dict[str, Any]]:
    """Models with a counted and a published number of FLOPs; copies of a base model's value left out."""
    found = []
    for row in board.rows:
        counted = {key: cell for key in COUNTED if (cell := _cell(board, row, key, is_measured=True))}
        published = _cell(board, row, "flops_paddle", is_measured=False)
        if len(counted) == len(COUNTED) and published and published.copied_from is None and published.value:
            found.append(_complexity_row(board, row, counted, published))
    return found


def _complexity_row(board: Board, row: Row, counted: dict[str, Cell], published: Cell) -> dict[str, Any]:
    metrics = {column.metric.key: column.metric for column in board.columns}
    assert published.value
    difference = counted["flops_2mac"].value / published.value - 1
    return {
        "model": row.model,
        "published": published.printed,
        "difference": difference,
        "difference_text": f"{difference * 100:+.1f} %",
        "own_difference": f"{counted['flops_paddle'].value - published.value:+.3f}",
        **{key: value_text(metrics[key], cell.value, cell.printed) for key, cell in counted.items()},
    }


def _difference_range(rows: list[dict[str, Any]]) -> str:
    """How far `2 × MACs` is from the published column, over all rows; empty without one."""
    if not rows:
        return ""
    differences = [row["difference"] for row in rows]
    return f"{min(differences) * 100:+.0f} % to {max(differences) * 100:+.0f} %"


def _cell(board: Board, row: Row, metric: str, *, is_measured: bool) -> Cell | None:
    """The first value of a metric in the board's order of columns."""
    columns = [c for c in board.columns if c.metric.key == metric and c.is_measured == is_measured]
    return next((cell for column in columns if (cell := row.cells.get(column.key))), None)
