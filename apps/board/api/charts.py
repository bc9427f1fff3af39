"""The figures of `/charts` over REST: their numbers, and their pictures, by the same code as the page."""

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from apps.board.api import schema
from apps.board.figures.cards import figure_cards
from apps.board.figures.drawing import Shown, read_families
from apps.board.figures.files import CONTENT_TYPES
from apps.board.figures.table import figure_named
from apps.board.figures.throttle import TooManyPictures
from apps.board.views.figures import figure_file
from apps.core.api.answers import SHAPE_PARAMETERS, whole_list
from apps.core.api.listing import FORMAT, fields_parameter, list_responses, set_parameter
from apps.core.api.parameters import check_known, one_of
from apps.core.api.schema import problems
from apps.core.api.views import ApiView
from apps.results.leaderboard import load_board


class ChartsView(ApiView):
    """Every figure with the sentence that says what to see in it."""

    takes_parameters = ("GET",)

    @extend_schema(
        operation_id="charts_list",
        parameters=[fields_parameter(list(schema.ChartRow.model_fields)), FORMAT],
        responses=list_responses(schema.ChartPage),
        tags=["results"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        check_known(request.GET, SHAPE_PARAMETERS)
        return whole_list(request, schema.ChartRow, figure_cards(load_board()), name="charts")


class ChartView(ApiView):
    """One figure: its numbers as JSON or CSV, its picture as SVG or PNG with source and date on it."""

    takes_parameters = ("GET",)

    @extend_schema(
        parameters=[
            set_parameter("families", help="Slugs of families; all without."),
            OpenApiParameter("format", enum=list(CONTENT_TYPES), description="Numbers or picture; JSON without."),
        ],
        responses={
            (200, "application/json"): schema.Chart,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "image/svg+xml"): OpenApiTypes.STR,
            (200, "image/png"): OpenApiTypes.BINARY,
            **problems(400, 404, 429),
        },
        tags=["results"],
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        figure = figure_named(slug)
        check_known(request.GET, ("families", "format"))
        shape = one_of(request.GET, "format", CONTENT_TYPES, "json") or "json"
        board = load_board()
        shown = Shown(figure, board, read_families(request.GET, board))
        try:
            return figure_file(request._request, shown, shape)
        except TooManyPictures as exc:
            raise Throttled(exc.retry_after_s, exc.detail) from None
