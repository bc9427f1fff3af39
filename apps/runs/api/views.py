"""Runs over REST."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.accounts.permissions import MayDispatch
from apps.catalog.models import DeviceKind, Network, Protocol
from apps.core.api.filters import Named, OneOf, Present, Whole
from apps.core.api.listing import described
from apps.core.api.lists import ListView
from apps.core.api.paging import NEWEST_FIRST, rows_as, same
from apps.core.api.schema import problems
from apps.core.api.views import ApiView
from apps.core.errors import NotFound
from apps.runs.actions.campaigns import cancel_run
from apps.runs.actions.retries import retry_run
from apps.runs.api import schema
from apps.runs.models import Attempt, Run, RunState
from apps.runs.waiting import turn_text

RUN_FIELDS = same(
    "id", "state", "engine", "dataset", "blocked_by", "failure", "counted_attempts", "attempt_count",
    "queued_at", "finished_at",
) | {
    "campaign": "campaign_id",
    "model": "network__name",
    "protocol": "protocol__slug",
    "device": "device_kind__slug",
    "artifact_sha256": "artifact__sha256",
    "weights": "artifact__weights",
    "artifact_of": "artifact_of",
}  # fmt: skip
ATTEMPT_FIELDS = same(
    "id", "state", "fence", "reason", "failure_kind", "is_counted", "leased_at", "ended_at", "engine_release",
) | {"agent": "agent__name", "device": "device_kind__slug"}  # fmt: skip


@described("runs", tag="runs")
class RunsView(ListView):
    """Runs, newest first, with what a queued one waits for."""

    page = schema.RunPage
    fields = RUN_FIELDS
    choices = {
        "state": OneOf("state", RunState.values),
        "campaign": Whole("campaign_id", 1, 2**63 - 1),
        "model": Named("network__name", Network, "name", "model", "models"),
        "protocol": Named("protocol__slug", Protocol, "slug", "protocol", "protocols"),
        "device": Named("device_kind__slug", DeviceKind, "slug", "device kind", "devices"),
        "engine": Present("engine"),
    }
    ranges = ("counted_attempts", "queued_at", "finished_at")
    order = NEWEST_FIRST

    def rows(self) -> QuerySet[Any]:
        return _with_attempt_count(Run.objects.all())


class RunView(ApiView):
    """One run with all its attempts and their reasons. DELETE cancels it."""

    permission_classes = [IsAuthenticatedOrReadOnly, MayDispatch]

    @extend_schema(responses={200: schema.OneRun, **problems(400, 404)}, tags=["runs"])
    def get(self, request: Request, run_id: int) -> Response:
        return Response(_run_json(run_id))

    @extend_schema(responses={200: schema.OneRun, **problems(401, 403, 404)}, tags=["runs"])
    def delete(self, request: Request, run_id: int) -> Response:
        _run_json(run_id)
        assert isinstance(request.user, User)
        cancel_run(run_id=run_id, by=request.user, at=timezone.now())
        return Response(_run_json(run_id))


class RetryRunView(ApiView):
    """Queues a failed run again, with a new budget of attempts; the attempts before stay. Safe to repeat."""

    permission_classes = [MayDispatch]

    @extend_schema(request=None, responses={200: schema.OneRun, **problems(401, 403, 404, 409)}, tags=["runs"])
    def post(self, request: Request, run_id: int) -> Response:
        _run_json(run_id)
        assert isinstance(request.user, User)
        retry_run(run_id=run_id, by=request.user, at=timezone.now())
        return Response(_run_json(run_id))


def _with_attempt_count(runs: QuerySet[Run]) -> QuerySet[Run]:
    made_for = Coalesce("artifact__network__name", "artifact__architecture__name")
    # For the rows of the page alone: grouping would count those of every run there is.
    counted = Attempt.objects.filter(run=OuterRef("pk")).order_by().values("run").annotate(count=Count("pk"))
    return runs.annotate(attempt_count=Coalesce(Subquery(counted.values("count")), 0), artifact_of=made_for)


def _run_json(run_id: int) -> dict[str, Any]:
    rows = rows_as(_with_attempt_count(Run.objects.filter(pk=run_id)), RUN_FIELDS)
    if not rows:
        raise NotFound(f"There is no run {run_id}; /api/v1/runs/ lists them.")
    attempts = rows_as(Attempt.objects.filter(run_id=run_id).order_by("id"), ATTEMPT_FIELDS)
    return rows[0] | {"attempts": attempts, "turn": _turn(rows[0])}


def _turn(row: dict[str, Any]) -> str:
    if row["state"] != RunState.QUEUED or row["blocked_by"]:
        return ""
    return turn_text(Run.objects.select_related("network", "protocol", "artifact", "device_kind").get(pk=row["id"]))
