"""`/`: every model, every value, and the chart of two of them; the same as files, and all of it as one JSON."""

import hashlib
from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from apps.board import charts, table
from apps.board.agreement import agreement_rows
from apps.board.board_chart_form import chart_form
from apps.board.board_data import board_json
from apps.board.board_files import board_csv, drawn_once, signed_spec
from apps.board.board_filter import filter_form
from apps.board.board_presets import preset_links
from apps.board.board_state import FORMATS, Seen, see_board, tidied
from apps.board.columns import column_choices
from apps.board.figures.throttle import TooManyPictures, count_drawing
from apps.board.forms import CampaignForm
from apps.board.paging import page_links
from apps.board.previews import Preview, best_sentence, preview
from apps.board.views.cacheable import kept_page
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known, integer, one_of
from apps.core.api.renderers import dumps
from apps.results.agreement import comparisons_of, headline_agreements
from apps.results.api.leaderboard import leaderboard_json
from apps.results.board_token import board_token
from apps.results.leaderboard import Board, load_board
from apps.results.models import Origin

PAGE_ROWS = 100
LAST_PAGE = 1_000_000
"""No board has as many; of one that has fewer pages the last is shown."""


@answers_user_errors
def board(request: HttpRequest) -> HttpResponse:
    tidy = tidied(request.GET)
    if tidy is not None:
        return HttpResponseRedirect(table.changed(tidy))
    kind = one_of(request.GET, "format", FORMATS, "html")
    token = board_token()
    if kind in (None, "html"):
        return kept_page(
            request,
            state=board_token,
            said=token,
            is_shared=not request.META.get("QUERY_STRING"),
            render=lambda: _page(request, see_board(request.GET, load_board(token=token))),
        )
    seen = see_board(request.GET, load_board(token=token))
    try:
        return _file(request, seen, str(kind))
    except TooManyPictures as exc:
        refused = render(request, "core/problem.html", {"problem": exc}, status=exc.status)
        refused["Retry-After"] = str(exc.retry_after_s)
        return refused


@answers_user_errors
def board_data(request: HttpRequest) -> HttpResponse:
    """Everything, whatever the page shows; a browser keeps it until it changes."""
    check_known(request.GET, ())
    content, etag = load_board().derived(_everything)
    response = HttpResponse(
        content, content_type="application/json", headers={"ETag": etag, "Cache-Control": "no-cache"}
    )
    return get_conditional_response(request, etag=etag, response=response) or response


def _page(request: HttpRequest, seen: Seen) -> HttpResponse:
    page = Paginator(seen.rows, PAGE_ROWS).get_page(integer(request.GET, "page", 1, low=1, high=LAST_PAGE))
    address = request.GET
    chart = charts.board_figure(seen.board, seen.rows, seen.picture) if seen.picture else None
    context = {
        "nav": "board",
        "chart": chart,
        "preview": _preview(request, seen, chart) if chart else None,
        "chart_form": chart_form(seen, address),
        "filters": filter_form(seen, address),
        "presets": preset_links(seen.board, address),
        "columns": table.column_headers(seen.query, address),
        "choices": column_choices(seen.board, seen.query.columns, address),
        "column_groups": table.column_groups(seen.query.columns),
        "rows": table.table_rows(seen, list(page), comparisons_of(seen.board)),
        "shown": len(seen.rows),
        "first": page.start_index(),
        "last": page.end_index(),
        "page": page_links(address, page),
        "agreements": seen.board.derived(_agreements),
        "query": {
            "name_sort_url": table.name_sort_url(seen.query, address),
            "name_sorted": table.sorted_by_name(seen.query),
            "reset_url": "?",
        },
        "counts": seen.board.derived(_counts),
        # Its choices take as long as the rest of a page, and only who is signed in may send it.
        "campaign_form": CampaignForm() if request.user.is_authenticated else None,
    }
    return render(request, "board/board.html", context)


def _everything(board: Board) -> tuple[bytes, str]:
    content = board_json(board, comparisons_of(board))
    return content, quote_etag(hashlib.sha256(content).hexdigest())


def _agreements(board: Board) -> list[dict[str, Any]]:
    return agreement_rows(headline_agreements(board, comparisons_of(board)))


def _counts(board: Board) -> dict[str, int]:
    origins = Counter(cell.origin for row in board.rows for cell in row.cells.values())
    return {"models": len(board.rows), "published": origins[Origin.PUBLISHED], "measured": origins[Origin.RUN]}


def _preview(request: HttpRequest, seen: Seen, chart: dict[str, Any]) -> Preview:
    text = f"{len(seen.rows)} of {len(seen.board.rows)} models.{best_sentence(seen)} {chart['summary']}"
    return preview(request, title=chart["title"], text=text)


def _file(request: HttpRequest, seen: Seen, kind: str) -> HttpResponse:
    if kind == "json":
        content = dumps(leaderboard_json(seen.board, seen.query, comparisons_of(seen.board)))
        return HttpResponse(content, content_type="application/json")
    if kind == "csv":
        return _download(board_csv(seen), "text/csv; charset=utf-8", "csv")
    if seen.picture is None:
        return HttpResponseNotFound("There is nothing to draw yet.\n", content_type="text/plain")
    if kind == "vega":
        return JsonResponse(charts.picture_specs(seen.board, seen.rows, seen.picture))
    url = request.build_absolute_uri(f"{reverse('board')}{table.changed(request.GET, format=None)}".removesuffix("?"))
    spec = signed_spec(seen, url=url, at=timezone.now())
    picture = drawn_once(spec, kind, before_drawing=lambda: count_drawing(request))
    return _download(picture, "image/svg+xml" if kind == "svg" else "image/png", kind)


def _download(content: bytes, content_type: str, ending: str) -> HttpResponse:
    name = f"zooboard-{timezone.now():%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
