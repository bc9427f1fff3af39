"""`/`: every model, every value, and the chart of two of them."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.board import charts, table
from apps.board.agreement import agreement_rows
from apps.board.columns import column_choices, default_columns
from apps.board.forms import CampaignForm
from apps.board.views.errors import answers_user_errors
from apps.results.agreement import headline_agreements, load_comparisons
from apps.results.leaderboard import load_board
from apps.results.models import Origin
from apps.results.query import read_query


@answers_user_errors
def board(request: HttpRequest) -> HttpResponse:
    boxes = request.GET.getlist("columns")
    if len(boxes) > 1:
        # A form of checkboxes repeats the parameter; the address that people share has it once.
        return redirect(table.changed(request.GET, columns=",".join(boxes)))
    everything = load_board()
    query = read_query(request.GET, everything)
    if not request.GET.get("columns"):
        query = replace(query, columns=default_columns(everything))
    rows = query.rows(everything)
    comparisons = load_comparisons()
    y_key, x_key = charts.FRONT_COLUMNS
    front_query = query if query.pareto else query.with_front(everything, (y_key, x_key))
    front = front_query.front(rows)
    origins = [cell.origin for row in everything.rows for cell in row.cells.values()]
    context = {
        "nav": "board",
        "chart": charts.scatter_chart(everything, rows, y_key=y_key, x_key=x_key),
        "columns": table.column_headers(query, request.GET),
        "choices": column_choices(everything, query.columns, request.GET),
        "column_groups": table.column_groups(query.columns),
        "rows": table.table_rows(query, rows, front, everything.columns, comparisons),
        "agreements": agreement_rows(headline_agreements(everything, comparisons)),
        "query": {
            "families": table.family_links(everything, query, request.GET),
            "name_sort_url": table.name_sort_url(query, request.GET),
            "name_sorted": table.sorted_by_name(query),
            "reset_url": "?",
        },
        "counts": {
            "models": len(everything.rows),
            "published": origins.count(Origin.PUBLISHED),
            "measured": origins.count(Origin.RUN),
        },
        "campaign_form": CampaignForm(),
    }
    return render(request, "board/board.html", context)
