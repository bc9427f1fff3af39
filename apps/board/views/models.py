"""`/models/<name>`: everything known of one model."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.board.agreement import ratio_text, verdict_label
from apps.board.table import cell_address
from apps.board.text import column_label, flag_rows, full_label, interval_text, origin_text, value_text
from apps.board.views.errors import answers_user_errors
from apps.catalog.models import Network
from apps.core.api.parameters import check_known
from apps.results.agreement import Against, against_published, load_comparisons
from apps.results.leaderboard import Board, Column, Row, load_board


@answers_user_errors
def model(request: HttpRequest, name: str) -> HttpResponse:
    check_known(request.GET, ())
    network = Network.objects.select_related("family", "architecture", "base").filter(name=name).first()
    if network is None:
        raise Http404(f"There is no model {name}.")
    board = load_board(network.task)
    row = next(row for row in board.rows if row.model == name)
    values = [
        {
            "label": full_label(column),
            "unit": column.metric.unit,
            "text": value_text(column.metric, cell.value, cell.printed),
            "interval_text": interval_text(column.metric, cell.value, cell.interval),
            "origin_text": origin_text(column, cell),
            "href": cell_address(cell),
            "origin": cell.origin,
            "flags": flag_rows(cell.flags),
        }
        for column in board.columns
        if (cell := row.cells.get(column.key)) is not None
    ]
    pairs = _pairs(board, row)
    context = {
        "network": network,
        "values": values,
        "siblings": Network.objects.filter(family=network.family).exclude(pk=network.pk),
        "pairs": [each[0] for each in pairs],
        "other_pairs": [pair for each in pairs for pair in each[1:]],
    }
    return render(request, "board/model.html", context)


def _pairs(board: Board, row: Row) -> list[list[dict[str, Any]]]:
    """For each measured value the published ones that say the same, the most comparable first."""
    comparisons = load_comparisons()
    found = [(column, against_published(row, column, board.columns, comparisons)) for column in board.columns]
    return [[_pair(row, column, each) for each in against] for column, against in found if against]


def _pair(row: Row, column: Column, found: Against) -> dict[str, Any]:
    published, measured = row.cells[found.column.key], row.cells[column.key]
    return {
        "published_label": column_label(found.column),
        "published_text": value_text(found.column.metric, published.value, published.printed),
        "published_href": cell_address(published),
        "measured_label": f"{column_label(column)}, {column.engine}",
        "measured_text": value_text(column.metric, measured.value, measured.printed),
        "interval_text": interval_text(column.metric, measured.value, measured.interval),
        "measured_href": cell_address(measured),
        "unit": column.metric.unit,
        "published_unit": found.column.metric.unit,
        "copied_from": published.copied_from,
        "ratio": ratio_text(found.ratio),
        "verdict": verdict_label(found.comparison.verdict),
        "sentence": found.comparison.sentence,
    }
