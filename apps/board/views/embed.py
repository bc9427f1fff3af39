"""`/embed/charts/<slug>`: a figure without the site around it, for frames on any page."""

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt

from apps.board.figures.drawing import Shown, families_address, read_families
from apps.board.figures.files import source_line
from apps.board.figures.table import figure_named
from apps.board.views.cacheable import cacheable
from apps.core.api.parameters import check_known, one_of
from apps.core.errors import UserError
from apps.results.leaderboard import load_board

THEMES = ("auto", "dark", "light")


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[arg-type]  # The stubs forget the address's own arguments.
def embedded_chart(request: HttpRequest, slug: str) -> HttpResponse:
    """It reads no session, so that one answer serves everybody. A problem is shown in the frame, too."""
    try:
        figure = figure_named(slug)
        check_known(request.GET, ("families", "theme"))
        theme = one_of(request.GET, "theme", THEMES, "auto")
        board = load_board()
        shown = Shown(figure, board, read_families(request.GET, board))
    except UserError as exc:
        return render(request, "board/embed.html", {"problem": exc}, status=exc.status)
    address = reverse("chart", args=[slug]) + families_address(shown.families)
    context = {
        "figure": figure,
        "theme": "" if theme == "auto" else theme,
        "sentence": shown.sentence,
        "chart": shown.chart,
        "source": source_line(shown.content),
        "url": request.build_absolute_uri(address),
    }
    return cacheable(request, render(request, "board/embed.html", context))
