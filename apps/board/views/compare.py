"""`/compare?models=a,b`: two to eight models side by side, as a page, JSON or CSV."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.board.compare_chart import bar_chart
from apps.board.compare_json import COLUMNS, comparison_json, comparison_rows
from apps.board.compare_noise import NoiseFacts, load_noise_facts
from apps.board.compare_request import FEWEST, MOST, asked_rows
from apps.board.compare_table import compare_address, compared_groups, model_headers, shared_columns
from apps.board.compare_verdicts import verdicts
from apps.board.previews import preview
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known, one_of
from apps.core.api.renderers import dumps
from apps.core.tables import FORMATS as FILES
from apps.results.leaderboard import Board, Column, Row, load_board

PARAMETERS = ("models", "format")
FORMATS = ("csv", "html", "json")


@answers_user_errors
def compare(request: HttpRequest) -> HttpResponse:
    boxes = request.GET.getlist("models")
    if len(boxes) > 1:
        # A form of checkboxes repeats the parameter; the address that people share has it once.
        return redirect(compare_address(boxes))
    check_known(request.GET, PARAMETERS)
    shape = one_of(request.GET, "format", FORMATS, "html")
    board = load_board()
    if not request.GET.get("models") and shape == "html":
        return render(request, "board/compare_choose.html", {"nav": "compare", "choice": _choice(board, [])})
    rows = asked_rows(request.GET, board)
    columns = shared_columns(rows, board.columns)
    noise = load_noise_facts(rows, columns)
    if shape == "html":
        return render(request, "board/compare.html", _context(request, board, rows, columns, noise))
    comparison = comparison_json(rows, columns, noise)
    if shape == "csv":
        table = FILES["csv"].write(COLUMNS, comparison_rows(comparison["values"]))
        return HttpResponse(b"".join(table), content_type=FILES["csv"].content_type)
    return HttpResponse(dumps(comparison), content_type="application/json")


def _context(
    request: HttpRequest, board: Board, rows: list[Row], columns: list[Column], noise: NoiseFacts
) -> dict[str, Any]:
    names = [row.model for row in rows]
    address = compare_address(names)
    groups = compared_groups(rows, columns, noise)
    said = [
        cell["noise"] for group in groups for row in group["rows"] for cell in row["cells"] if cell and "noise" in cell
    ]
    said_of_them = verdicts(rows, columns, noise)
    text = " ".join(str(verdict["sentence"]) for verdict in said_of_them)
    return {
        "nav": "compare",
        "preview": preview(request, title=f"{', '.join(names)}, compared", text=text, select=",".join(names)),
        "models": model_headers(rows),
        "span": len(rows) + 1,
        "verdicts": said_of_them,
        "chart": bar_chart(board, rows),
        "groups": groups,
        "counts": {noise: said.count(noise) for noise in ("beyond", "within", "exact", "unknown")},
        "address": request.build_absolute_uri(address),
        "data_address": address,
        "choice": _choice(board, names),
    }


def _choice(board: Board, chosen: list[str]) -> dict[str, Any]:
    families: dict[str, list[dict[str, Any]]] = {}
    for row in board.rows:
        families.setdefault(row.family_title, []).append({"name": row.model, "is_chosen": row.model in chosen})
    return {"families": list(families.items()), "fewest": FEWEST, "most": MOST}
