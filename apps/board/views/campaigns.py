"""`/campaigns` and `/campaigns/<id>`, both live; asking for campaigns from there and from the board."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from apps.board.campaign_rows import campaign_row, progress_rows, schedule_row
from apps.board.forms import ComposeForm, PriorityForm, RepeatForm
from apps.board.live import live_response
from apps.board.paging import page_links
from apps.board.views.as_data import also_as_data
from apps.board.views.campaign_actions import compose, create
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known, integer
from apps.runs.api.campaigns import CampaignsView, CampaignView
from apps.runs.models import Campaign, RunState, Schedule
from apps.runs.progress import load_progress

PAGE_SIZE = 30
LIVE_EVERY_S = 5


def campaigns(request: HttpRequest) -> HttpResponseBase:
    """GET lists them; the board's form posts here."""
    return create(request) if request.method == "POST" else campaign_list(request)


def new_campaign(request: HttpRequest) -> HttpResponse:
    """The form of `/campaigns` posts here; who only follows the address is led to the form."""
    return to_form(request) if request.method in ("GET", "HEAD") else compose(request)


@answers_user_errors
def to_form(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ())
    return HttpResponseRedirect(f"{reverse('campaigns')}#new")


@also_as_data(CampaignsView)
@answers_user_errors
def campaign_list(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ("page",))
    found = Campaign.objects.with_counts().select_related("requested_by").order_by("-id")
    paginator = Paginator(found, PAGE_SIZE)
    # Without the runs of each, which the page alone counts.
    paginator.count = Campaign.objects.count()
    page = paginator.get_page(integer(request.GET, "page", 1, low=1, high=1_000_000))
    context: dict[str, Any] = {
        "nav": "campaigns",
        "campaigns": [campaign_row(campaign) for campaign in page],
        "page": page_links(request.GET, page),
    }
    if not request.htmx:  # type: ignore[attr-defined]
        schedules = Schedule.objects.running().select_related("requested_by").order_by("next_at", "id")
        context["schedules"] = [schedule_row(schedule) | _may_end(request, schedule) for schedule in schedules]
        if request.user.is_authenticated:
            context["compose_form"] = ComposeForm(is_staff=request.user.is_staff)
    return live_response(
        request,
        page="board/campaigns.html",
        part="board/_campaigns_table.html",
        part_id="campaigns-live",
        context=context,
        seen=[context["campaigns"], context["page"]],
        says="",
        every_s=LIVE_EVERY_S,
    )


def _may_end(request: HttpRequest, schedule: Schedule) -> dict[str, bool]:
    user = request.user
    return {"is_theirs": user.is_authenticated and (user.is_staff or user.pk == schedule.requested_by_id)}


@also_as_data(CampaignView)
@answers_user_errors
def campaign_detail(request: HttpRequest, campaign_id: int) -> HttpResponse:
    check_known(request.GET, ())
    found = Campaign.objects.select_related("requested_by", "device_kind", "schedule").filter(pk=campaign_id)
    campaign = found.first()
    if campaign is None:
        raise Http404(f"There is no campaign {campaign_id}.")
    progress = load_progress(campaign, at=timezone.now())
    is_over = progress.is_over and (campaign.expanded_at is not None or campaign.cancelled_at is not None)
    part = progress_rows(campaign, progress) | _buttons(request, campaign, progress.counts, is_over=is_over)
    context = {
        "nav": "campaigns",
        "campaign": campaign,
        "runs_url": f"{reverse('runs')}?campaign={campaign.pk}",
        "progress": part,
        **_forms(request, campaign),
    }
    return live_response(
        request,
        page="board/campaign.html",
        part="board/_campaign_live.html",
        part_id="campaign-live",
        context=context,
        seen=part,
        says=f"Campaign {campaign.pk}: {part['state']}.",
        every_s=None if is_over else LIVE_EVERY_S,
    )


def _is_theirs(request: HttpRequest, campaign: Campaign) -> bool:
    user = request.user
    return user.is_authenticated and (user.is_staff or user.pk == campaign.requested_by_id)


def _buttons(
    request: HttpRequest, campaign: Campaign, counts: dict[str, int], *, is_over: bool
) -> dict[str, str | int | None]:
    is_theirs = _is_theirs(request, campaign)
    return {
        "cancel_url": reverse("campaign-cancel", args=[campaign.pk]) if is_theirs and not is_over else None,
        "retry_url": reverse("campaign-retry", args=[campaign.pk]) if is_theirs and counts[RunState.FAILED] else None,
        "failed": counts[RunState.FAILED],
    }


def _forms(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """How urgent it is and how often it comes again, for those who may say so."""
    if not request.user.is_authenticated:
        return {}
    forms: dict[str, Any] = {"repeat_form": RepeatForm()}
    if _is_theirs(request, campaign):
        initial = {"priority": campaign.priority}
        forms["priority_form"] = PriorityForm(initial=initial, is_staff=request.user.is_staff)
    return forms
