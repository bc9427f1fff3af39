"""`/models/<name>`: everything known of one model."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.board.table import cell_address
from apps.board.text import column_label, flag_rows, interval_text, origin_text, value_text
from apps.board.views.errors import answers_user_errors
from apps.catalog.models import Network
from apps.core.api.parameters import check_known
from apps.results.leaderboard import load_board


@answers_user_errors
def model(request: HttpRequest, name: str) -> HttpResponse:
    check_known(request.GET, ())
    network = Network.objects.select_related("family", "architecture", "base").filter(name=name).first()
    if network is None:
        raise Http404(f"There is no model {name}.")
    board = load_board()
    row = next(row for row in board.rows if row.model == name)
    values = [
        {
            "label": column_label(column),
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
    siblings = Network.objects.filter(family=network.family).exclude(pk=network.pk)
    return render(request, "board/model.html", {"network": network, "values": values, "siblings": siblings})
