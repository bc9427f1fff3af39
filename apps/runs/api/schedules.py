"""Schedules over REST: campaigns that are asked for again and again."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import MayDispatch
from apps.core.api.errors import parse
from apps.core.api.listing import described
from apps.core.api.lists import ListView
from apps.core.api.paging import NEWEST_FIRST, rows_as, same
from apps.core.api.schema import problems
from apps.core.api.views import ApiView
from apps.core.background import on_commit
from apps.core.errors import NotFound
from apps.runs.actions import schedules
from apps.runs.api import schema
from apps.runs.api.campaigns import ASKED_CHOICES, CampaignRequest, calling_user, campaign_json
from apps.runs.models import Schedule
from apps.runs.models.schedule import MAX_EVERY_HOURS
from apps.runs.tasks import dispatch

SCHEDULE_FIELDS = same(
    "id", "title", "engine", "dataset", "priority", "every_hours", "created_at", "next_at", "paused_at", "skipped_at",
    "skip_reason", "ended_at",
) | {
    "requested_by": "requested_by__username",
    "device_kind": "device_kind__slug",
    "models": "model_names",
    "protocols": "protocol_slugs",
}  # fmt: skip


class ScheduleRequest(CampaignRequest):
    """`POST /api/v1/schedules/`: a campaign, and every how many hours. `"models": "all"` are all there are then."""

    every_hours: int = Field(ge=1, le=MAX_EVERY_HOURS)


@described("schedules", tag="runs")
class SchedulesView(ListView):
    """Schedules, newest first; ended ones say when. Making one needs an account."""

    permission_classes = [IsAuthenticatedOrReadOnly, MayDispatch]
    page = schema.SchedulePage
    fields = SCHEDULE_FIELDS
    choices = ASKED_CHOICES
    ranges = ("priority", "every_hours", "created_at", "next_at", "ended_at")
    sorts = ("title", *ranges)
    order = NEWEST_FIRST

    def rows(self) -> QuerySet[Any]:
        return Schedule.objects.all()

    @extend_schema(
        request=ScheduleRequest, responses={201: schema.ScheduleRow, **problems(400, 401, 403, 422)}, tags=["runs"]
    )
    def post(self, request: Request) -> Response:
        message = parse(ScheduleRequest, request.data)
        schedule = schedules.create_schedule(
            requested_by=calling_user(request),
            model_names=message.models,
            protocol_slugs=message.protocols,
            every_hours=message.every_hours,
            engine=message.engine,
            device_kind=message.device_kind,
            dataset=message.dataset,
            priority=message.priority,
            title=message.title,
            at=timezone.now(),
        )
        return Response(_schedule_json(schedule.pk), status=201)


class ScheduleView(ApiView):
    """One schedule. DELETE ends it: it asks for nothing more, and the campaigns that it made stay."""

    permission_classes = [IsAuthenticatedOrReadOnly, MayDispatch]

    @extend_schema(responses={200: schema.ScheduleRow, **problems(400, 404)}, tags=["runs"])
    def get(self, request: Request, schedule_id: int) -> Response:
        return Response(_schedule_json(schedule_id))

    @extend_schema(responses={204: None, **problems(401, 403, 404)}, tags=["runs"])
    def delete(self, request: Request, schedule_id: int) -> Response:
        _schedule_json(schedule_id)
        schedules.end_schedule(schedule_id=schedule_id, by=calling_user(request), at=timezone.now())
        return Response(status=204)


class PauseScheduleView(ApiView):
    """Lets due times pass without a campaign until it is resumed. Safe to repeat."""

    permission_classes = [MayDispatch]

    @extend_schema(request=None, responses={200: schema.ScheduleRow, **problems(401, 403, 404, 409)}, tags=["runs"])
    def post(self, request: Request, schedule_id: int) -> Response:
        _schedule_json(schedule_id)
        schedules.pause_schedule(schedule_id=schedule_id, by=calling_user(request), at=timezone.now())
        return Response(_schedule_json(schedule_id))


class ResumeScheduleView(ApiView):
    """Goes on with the next due time that is to come. Safe to repeat."""

    permission_classes = [MayDispatch]

    @extend_schema(request=None, responses={200: schema.ScheduleRow, **problems(401, 403, 404, 409)}, tags=["runs"])
    def post(self, request: Request, schedule_id: int) -> Response:
        _schedule_json(schedule_id)
        schedules.resume_schedule(schedule_id=schedule_id, by=calling_user(request), at=timezone.now())
        return Response(_schedule_json(schedule_id))


class RunScheduleView(ApiView):
    """Asks for its campaign now, beside its due times. A 409 while the campaign before is not over."""

    permission_classes = [MayDispatch]

    @extend_schema(
        request=None, responses={201: schema.OneCampaign, **problems(401, 403, 404, 409, 422)}, tags=["runs"]
    )
    def post(self, request: Request, schedule_id: int) -> Response:
        _schedule_json(schedule_id)
        campaign = schedules.run_schedule_now(schedule_id=schedule_id, by=calling_user(request), at=timezone.now())
        on_commit(dispatch, campaign.pk)
        return Response(campaign_json(campaign), status=201)


def _schedule_json(schedule_id: int) -> dict[str, Any]:
    rows = rows_as(Schedule.objects.filter(pk=schedule_id), SCHEDULE_FIELDS)
    if not rows:
        raise NotFound(f"There is no schedule {schedule_id}; /api/v1/schedules/ lists them.")
    return rows[0]
