"""`/charts` and `/charts/<slug>`: figures with a sentence of what to see, their numbers, and both as files."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from apps.board.figures.cards import figure_card, shown_figures
from apps.board.figures.drawing import Shown, board_families, families_address, read_families
from apps.board.figures.files import CONTENT_TYPES, FORMATS, figure_csv, figure_json, figure_picture, source_line
from apps.board.figures.page import family_chips, number_table, snippets
from apps.board.figures.table import FIGURES, figure_named
from apps.board.figures.throttle import TooManyPictures, count_drawing
from apps.board.previews import Preview
from apps.board.views.cacheable import cacheable
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known, one_of
from apps.core.api.renderers import dumps
from apps.results.leaderboard import load_board


@answers_user_errors
def charts(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ("format",))
    shape = one_of(request.GET, "format", ("html", "json"), "html")
    board = load_board()
    shown = shown_figures(board)
    if shape == "json":
        return HttpResponse(dumps({"charts": [figure_card(each) for each in shown]}), content_type="application/json")
    cards = [{**figure_card(each), "thumbnail": each.thumbnail} for each in shown]
    return render(request, "board/charts.html", {"nav": "charts", "cards": cards})


@answers_user_errors
def chart(request: HttpRequest, slug: str) -> HttpResponse:
    figure = figure_named(slug)
    check_known(request.GET, ("families", "format"))
    shape = one_of(request.GET, "format", FORMATS, "html") or "html"
    board = load_board()
    shown = Shown(figure, board, read_families(request.GET, board))
    if shape == "html":
        return render(request, "board/chart_page.html", _context(request, shown))
    try:
        return figure_file(request, shown, shape)
    except TooManyPictures as exc:
        refused = render(request, "core/problem.html", {"problem": exc}, status=exc.status)
        refused["Retry-After"] = str(exc.retry_after_s)
        return refused


def _address(shown: Shown) -> str:
    return reverse("chart", args=[shown.figure.slug]) + families_address(shown.families)


def figure_file(request: HttpRequest, shown: Shown, shape: str) -> HttpResponse:
    """Raises TooManyPictures where it has to be drawn, and NotFound while there is nothing to draw."""
    at, url = timezone.now(), request.build_absolute_uri(_address(shown))
    if shape == "csv":
        body: bytes = figure_csv(shown).encode()
    elif shape == "json":
        body = dumps(figure_json(shown, url=url, at=at))
    else:
        body = figure_picture(shown, shape, url=url, at=at, before_drawing=lambda: count_drawing(request))
    response = HttpResponse(body, content_type=CONTENT_TYPES[shape])
    response["Content-Disposition"] = f'inline; filename="zooboard-{shown.figure.slug}-{at:%Y-%m-%d}.{shape}"'
    return cacheable(request, response) if shape in ("svg", "png") else response


def _context(request: HttpRequest, shown: Shown) -> dict[str, Any]:
    address, separator = _address(shown), "&" if shown.families else "?"
    url = request.build_absolute_uri(address)
    return {
        "nav": "charts",
        "figure": shown.figure,
        "sentence": shown.sentence,
        "chart": shown.chart,
        "source": source_line(shown.content),
        "families": family_chips(shown, board_families(shown.board)),
        "numbers": number_table(shown.content),
        "preview": Preview(shown.figure.title, shown.sentence, url, f"{url}{separator}format=png"),
        "downloads": [(kind.upper(), f"{address}{separator}format={kind}") for kind in CONTENT_TYPES],
        "snippets": snippets(request, shown, url, f"{url}{separator}format=svg"),
        "others": [each for each in FIGURES.values() if each is not shown.figure],
    }
