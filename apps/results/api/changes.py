"""Changes in the history of a model over REST, in the words that its page uses."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from apps.catalog.models import Network
from apps.core.api.answers import SHAPE_PARAMETERS, whole_list
from apps.core.api.listing import FORMAT, TEXT, fields_parameter, list_responses
from apps.core.api.parameters import check_known, refused
from apps.core.api.views import ApiView
from apps.results.api import schema
from apps.results.history import load_history
from apps.results.level_changes import LevelChange, level_changes


class ChangesView(ApiView):
    """Where the level of a model's measured values changed, judged by the spread of each series' own history.

    A series is a metric under a configuration on one device; flagged values are left out. The newest change is first.
    """

    takes_parameters = ("GET",)

    @extend_schema(
        operation_id="history_changes_list",
        parameters=[
            OpenApiParameter("model", TEXT, required=True, description="Name of the model."),
            fields_parameter(list(schema.ChangeRow.model_fields)),
            FORMAT,
        ],
        responses=list_responses(schema.ChangePage),
        tags=["results"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        check_known(request.GET, ("model", *SHAPE_PARAMETERS))
        name = request.GET.get("model", "")
        network = Network.objects.filter(name=name).first()
        if network is None:
            raise refused("model", f"There is no model {name!r}; /api/v1/models/ lists them: send one as model=<name>.")
        rows = [_row(name, change) for change in level_changes(load_history(network))]
        return whole_list(request, schema.ChangeRow, rows, name="changes")


def _row(model: str, change: LevelChange) -> dict[str, Any]:
    point = change.point
    return {
        "model": model,
        "metric": change.metric.key,
        "unit": change.metric.unit,
        "configuration": change.configuration,
        "device_id": change.device_id,
        "result": change.first.result_id,
        "run": change.first.run_id,
        "measured_at": change.first.at,
        "result_before": change.last.result_id,
        "run_before": change.last.run_id,
        "known_since_run": change.known.run_id,
        "before": point.before,
        "after": point.after,
        "ratio": point.ratio,
        "is_better": point.is_better,
        "count_before": point.count_before,
        "count_after": point.count_after,
        "strength": point.strength,
        "differences": [
            {"fact": ".".join(each.path), "before": each.before, "after": each.after} for each in change.differences
        ],
        "sentence": change.sentence,
    }
