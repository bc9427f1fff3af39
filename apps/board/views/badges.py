"""`/badges/<model>.svg?metrics=`: values of a model in one line, for a README or a model card."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.board.figures.badges import badge_row, model_badge, read_metrics
from apps.board.views.cacheable import cacheable
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known
from apps.results.leaderboard import load_board


@require_safe
@answers_user_errors
def badge(request: HttpRequest, name: str) -> HttpResponse:
    check_known(request.GET, ("metrics",))
    board = load_board()
    row = badge_row(board, name)
    svg = model_badge(row, read_metrics(request.GET, board))
    return cacheable(request, HttpResponse(svg, content_type="image/svg+xml"))
