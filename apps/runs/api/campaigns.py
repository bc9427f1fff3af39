"""Campaigns over REST."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.accounts.permissions import MayDispatch
from apps.catalog.models import DeviceKind
from apps.core.api.errors import parse
from apps.core.api.filters import Choice, Named, Present, Whole
from apps.core.api.listing import described
from apps.core.api.lists import ListView
from apps.core.api.paging import NEWEST_FIRST, rows_as, same
from apps.core.api.schema import problems
from apps.core.api.views import ApiView
from apps.core.background import on_commit
from apps.core.errors import NotFound
from apps.runs.actions.campaigns import cancel_campaign, create_campaign, set_priority
from apps.runs.actions.retries import retry_campaign
from apps.runs.api import schema
from apps.runs.models import Campaign, RunState
from apps.runs.models.asked import LOWEST_PRIORITY, NORMAL_PRIORITY
from apps.runs.models.campaign import CampaignQuerySet
from apps.runs.progress import load_progress
from apps.runs.tasks import dispatch

CAMPAIGN_FIELDS = same(
    "id", "title", "engine", "dataset", "priority", "created_at", "cancelled_at", "is_expanded", "blocked",
    *RunState.values,
) | {
    "requested_by": "requested_by__username",
    "device_kind": "device_kind__slug",
    "schedule": "schedule_id",
    "models": "model_names",
    "protocols": "protocol_slugs",
}  # fmt: skip

ASKED_CHOICES: dict[str, Choice] = {
    "requested_by": Present("requested_by__username"),
    "device_kind": Named("device_kind__slug", DeviceKind, "slug", "device kind", "devices"),
    "engine": Present("engine"),
}


def _names_or_all(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """One error instead of one for each thing that it could have been."""
    try:
        return read(value)
    except ValidationError:
        raise ValueError('send a list of names, or the word "all"') from None


class CampaignRequest(BaseModel):
    """`POST /api/v1/campaigns/`: which models, under which protocols. `"models": "all"` are those of their tasks."""

    model_config = ConfigDict(extra="forbid")

    models: Annotated[Literal["all"] | list[str], WrapValidator(_names_or_all)]
    protocols: list[str] = Field(min_length=1, max_length=20)
    engine: str = Field(default="", max_length=40)
    device_kind: str | None = Field(default=None, max_length=120)
    dataset: str = Field(default="", max_length=100)
    """Name of the images for accuracy, as an agent offers them; empty for the task's standard dataset."""
    priority: int = NORMAL_PRIORITY
    """A lower one is more urgent. From 100 to 200; administrators may go down to 0."""
    title: str = Field(default="", max_length=200)


class CampaignChange(BaseModel):
    """`PATCH /api/v1/campaigns/{id}/`."""

    model_config = ConfigDict(extra="forbid")

    priority: int = Field(le=LOWEST_PRIORITY)


@described("campaigns", tag="runs")
class CampaignsView(ListView):
    """Campaigns, newest first. Asking for one needs an account."""

    permission_classes = [IsAuthenticatedOrReadOnly, MayDispatch]
    page = schema.CampaignPage
    fields = CAMPAIGN_FIELDS
    choices = ASKED_CHOICES | {"schedule": Whole("schedule_id", 1, 2**63 - 1)}
    ranges = ("priority", "created_at", "cancelled_at")
    sorts = ("title", "priority", "created_at", "cancelled_at")
    order = NEWEST_FIRST

    def rows(self) -> QuerySet[Any]:
        return _with_fields(Campaign.objects.all())

    def finished(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [_folded(row) for row in rows]

    @extend_schema(
        request=CampaignRequest, responses={201: schema.OneCampaign, **problems(400, 401, 403, 422)}, tags=["runs"]
    )
    def post(self, request: Request) -> Response:
        message = parse(CampaignRequest, request.data)
        campaign = create_campaign(
            requested_by=calling_user(request),
            model_names=message.models,
            protocol_slugs=message.protocols,
            engine=message.engine,
            device_kind=message.device_kind,
            dataset=message.dataset,
            priority=message.priority,
            title=message.title,
            at=timezone.now(),
        )
        on_commit(dispatch, campaign.pk)
        return Response(campaign_json(campaign), status=201)


class CampaignView(ApiView):
    """One campaign: how far it is, when it may end, and what its runs wait for. PATCH changes how urgent it is."""

    permission_classes = [IsAuthenticatedOrReadOnly, MayDispatch]

    @extend_schema(responses={200: schema.OneCampaign, **problems(400, 404)}, tags=["runs"])
    def get(self, request: Request, campaign_id: int) -> Response:
        return Response(campaign_json(_find(campaign_id)))

    @extend_schema(
        request=CampaignChange,
        responses={200: schema.OneCampaign, **problems(400, 401, 403, 404, 422)},
        tags=["runs"],
    )
    def patch(self, request: Request, campaign_id: int) -> Response:
        message = parse(CampaignChange, request.data)
        campaign = _find(campaign_id)
        set_priority(campaign_id=campaign.pk, priority=message.priority, by=calling_user(request), at=timezone.now())
        return Response(campaign_json(campaign))


class CancelCampaignView(ApiView):
    """Cancels every run that is not over. Safe to repeat."""

    permission_classes = [MayDispatch]

    @extend_schema(request=None, responses={200: schema.OneCampaign, **problems(401, 403, 404)}, tags=["runs"])
    def post(self, request: Request, campaign_id: int) -> Response:
        campaign = _find(campaign_id)
        cancel_campaign(campaign_id=campaign.pk, by=calling_user(request), at=timezone.now())
        return Response(campaign_json(campaign))


class RetryCampaignView(ApiView):
    """Queues every failed run again, with a new budget of attempts; the attempts before stay. Safe to repeat."""

    permission_classes = [MayDispatch]

    @extend_schema(request=None, responses={200: schema.OneCampaign, **problems(401, 403, 404)}, tags=["runs"])
    def post(self, request: Request, campaign_id: int) -> Response:
        campaign = _find(campaign_id)
        retry_campaign(campaign_id=campaign.pk, by=calling_user(request), at=timezone.now())
        return Response(campaign_json(campaign))


def calling_user(request: Request) -> User:
    assert isinstance(request.user, User), "MayDispatch lets nobody else through"
    return request.user


def _find(campaign_id: int) -> Campaign:
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound(f"There is no campaign {campaign_id}; /api/v1/campaigns/ lists them.")
    return campaign


def _with_fields(campaigns: CampaignQuerySet) -> CampaignQuerySet:
    is_expanded = ExpressionWrapper(Q(expanded_at__isnull=False), output_field=BooleanField())
    return campaigns.with_counts().annotate(is_expanded=is_expanded)


def _folded(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its counts in one object."""
    runs = {state: row.pop(state) for state in RunState.values}
    return row | {"runs": runs}


def campaign_json(campaign: Campaign) -> dict[str, Any]:
    [row] = rows_as(_with_fields(Campaign.objects.filter(pk=campaign.pk)), CAMPAIGN_FIELDS)
    progress = load_progress(campaign, at=timezone.now())
    return _folded(row) | {
        "estimate": asdict(progress.estimate) if progress.estimate else None,
        "blocked_by": [asdict(blockage) for blockage in progress.blockages],
    }
