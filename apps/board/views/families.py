"""`/families` and `/families/<slug>`: what a family is, its models, and what the document claims of it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.board.family_budgets import budget_tables
from apps.board.family_chart import width_chart
from apps.board.family_claims import claim_rows
from apps.board.family_rows import column_heads, family_cards, model_rows, series_address, shown_columns
from apps.board.previews import preview
from apps.board.views.errors import answers_user_errors
from apps.catalog.models import Family
from apps.core.api.parameters import check_known, one_of
from apps.core.api.renderers import dumps
from apps.results.leaderboard import load_board

FORMATS = ("html", "json")


@answers_user_errors
def families(request: HttpRequest) -> HttpResponse:
    shape = _shape(request)
    board, found = load_board(), list(Family.objects.all())
    claims = claim_rows(board)
    cards = family_cards(board, found)
    if shape == "json":
        return _json({"families": cards, "claims": claims})
    return render(request, "board/families.html", {"nav": "families", "families": cards, "claims": claims})


@answers_user_errors
def family(request: HttpRequest, slug: str) -> HttpResponse:
    shape = _shape(request)
    found = {each.slug: each for each in Family.objects.all()}
    if slug not in found:
        raise Http404(f"There is no family {slug}.")
    board = load_board()
    rows = [row for row in board.rows if row.family == slug]
    columns = shown_columns(board)
    claims = claim_rows(board, family=slug)
    data = {"models": model_rows(rows, columns), "budgets": budget_tables(board, slug), "claims": claims}
    if shape == "json":
        return _json({"family": slug, "columns": [column.key for column in columns], **data})
    context = {
        "nav": "families",
        "preview": preview(request, title=found[slug].title, text=found[slug].overview, family=slug),
        "family": found[slug],
        "others": [each for each in found.values() if each.slug != slug],
        "chart": width_chart(board, slug),
        "columns": column_heads(columns),
        "series_url": series_address(rows),
        **data,
    }
    return render(request, "board/family.html", context)


def _shape(request: HttpRequest) -> str | None:
    check_known(request.GET, ("format",))
    return one_of(request.GET, "format", FORMATS, "html")


def _json(body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(dumps(body), content_type="application/json")
