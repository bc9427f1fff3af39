"""Models side by side over REST: what `/compare` shows, by the same code."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.board.api import schema
from apps.board.compare_json import COLUMNS, comparison_json, comparison_rows
from apps.board.compare_noise import load_noise_facts
from apps.board.compare_request import FEWEST, MOST, asked_rows
from apps.board.compare_table import shared_columns
from apps.core.api.answers import JSON, read_format, table_answer
from apps.core.api.listing import FORMAT, list_responses, set_parameter
from apps.core.api.parameters import check_known
from apps.core.api.views import ApiView
from apps.results.leaderboard import load_board


class CompareView(ApiView):
    """Two to eight models: every value, its difference to the first model, and whether that is beyond noise."""

    takes_parameters = ("GET",)

    @extend_schema(
        operation_id="compare_list",
        parameters=[
            set_parameter(
                "models", help="Names of models, the first is compared with.", is_required=True, few=FEWEST, many=MOST
            ),
            FORMAT,
        ],
        responses=list_responses(schema.Comparison),
        tags=["results"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        check_known(request.GET, ("models", "format"))
        kind = read_format(request.GET)
        board = load_board()
        rows = asked_rows(request.GET, board)
        columns = shared_columns(rows, board.columns)
        comparison = comparison_json(rows, columns, load_noise_facts(rows, columns))
        if kind == JSON:
            return Response(comparison)
        return table_answer(COLUMNS, comparison_rows(comparison["values"]), kind=kind, name="compare")
