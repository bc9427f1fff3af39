"""What changes campaigns and schedules from their pages: each a POST that ends in a page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.board.forms import CampaignForm, ComposeForm, PriorityForm, RepeatForm
from apps.board.views.errors import answers_user_errors
from apps.core.background import on_commit
from apps.runs.actions.campaigns import cancel_campaign, create_campaign, set_priority
from apps.runs.actions.retries import retry_campaign
from apps.runs.actions.schedules import create_schedule, end_schedule, pause_schedule, resume_schedule
from apps.runs.asking import ALL
from apps.runs.models import Campaign, Schedule
from apps.runs.tasks import dispatch


def _action(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    return require_POST(login_required(answers_user_errors(view)))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "login_required lets nobody else through"
    return request.user


def _say_errors(request: HttpRequest, form: Form) -> None:
    for errors in form.errors.values():
        messages.error(request, " ".join(str(error) for error in errors))


@_action
def create(request: HttpRequest) -> HttpResponse:
    """The board's form: the ticked models under one protocol."""
    form = CampaignForm(request.POST)
    if not form.is_valid():
        _say_errors(request, form)
        return HttpResponseRedirect(f"{reverse('board')}#measure")
    return _ask(
        request,
        model_names=form.cleaned_data["models"],
        protocol_slugs=[form.cleaned_data["protocol"]],
        engine=form.cleaned_data["engine"],
    )


@_action
def compose(request: HttpRequest) -> HttpResponse:
    """The form of `/campaigns`: a preset, or protocols of one's own choice."""
    form = ComposeForm(request.POST, is_staff=_user(request).is_staff)
    if not form.is_valid():
        _say_errors(request, form)
        return HttpResponseRedirect(f"{reverse('campaigns')}#new")
    return _ask(
        request,
        model_names=form.model_names,
        protocol_slugs=form.protocol_slugs,
        engine=form.cleaned_data["engine"],
        device_kind=form.cleaned_data["device_kind"],
        priority=form.cleaned_data["priority"],
    )


def _ask(request: HttpRequest, **wanted: Any) -> HttpResponse:
    campaign = create_campaign(requested_by=_user(request), at=timezone.now(), **wanted)
    on_commit(dispatch, campaign.pk)
    messages.success(request, "Asked for. The runs follow here as agents take them.")
    return redirect("campaign", campaign.pk)


@_action
def cancel(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = _campaign(campaign_id)
    count = cancel_campaign(campaign_id=campaign.pk, by=_user(request), at=timezone.now())
    messages.success(request, f"Cancelled {_runs(count)}.")
    return redirect("campaign", campaign.pk)


@_action
def retry(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = _campaign(campaign_id)
    count = retry_campaign(campaign_id=campaign.pk, by=_user(request), at=timezone.now())
    messages.success(request, f"Queued {_runs(count)} again.")
    return redirect("campaign", campaign.pk)


@_action
def priority(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = _campaign(campaign_id)
    form = PriorityForm(request.POST, is_staff=_user(request).is_staff, initial={"priority": campaign.priority})
    if form.is_valid():
        set_priority(
            campaign_id=campaign.pk, priority=form.cleaned_data["priority"], by=_user(request), at=timezone.now()
        )
        messages.success(request, "The urgency is changed.")
    else:
        _say_errors(request, form)
    return redirect("campaign", campaign.pk)


@_action
def repeat(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Ask for the same again every so often, in the name of who says so."""
    campaign, form = _campaign(campaign_id), RepeatForm(request.POST)
    if not form.is_valid():
        _say_errors(request, form)
        return redirect("campaign", campaign.pk)
    schedule = create_schedule(
        requested_by=_user(request),
        model_names=ALL if request.POST.get("models") == ALL else campaign.model_names,
        protocol_slugs=campaign.protocol_slugs,
        every_hours=form.every_hours,
        engine=campaign.engine,
        device_kind=campaign.device_kind.slug if campaign.device_kind else None,
        dataset=campaign.dataset,
        at=timezone.now(),
    )
    messages.success(request, f"Asked for again every {schedule.every_text}.")
    return HttpResponseRedirect(f"{reverse('campaigns')}#schedules")


@_action
def end_repeating(request: HttpRequest, schedule_id: int) -> HttpResponse:
    _check_schedule(schedule_id)
    end_schedule(schedule_id=schedule_id, by=_user(request), at=timezone.now())
    messages.success(request, "It is not asked for again.")
    return HttpResponseRedirect(f"{reverse('campaigns')}#schedules")


@_action
def pause_repeating(request: HttpRequest, schedule_id: int) -> HttpResponse:
    _check_schedule(schedule_id)
    pause_schedule(schedule_id=schedule_id, by=_user(request), at=timezone.now())
    messages.success(request, "It is paused: due times pass without a campaign until it is resumed.")
    return HttpResponseRedirect(f"{reverse('campaigns')}#schedules")


@_action
def resume_repeating(request: HttpRequest, schedule_id: int) -> HttpResponse:
    _check_schedule(schedule_id)
    resume_schedule(schedule_id=schedule_id, by=_user(request), at=timezone.now())
    messages.success(request, "It is resumed, and goes on at the next due time.")
    return HttpResponseRedirect(f"{reverse('campaigns')}#schedules")


def _check_schedule(schedule_id: int) -> None:
    if not Schedule.objects.filter(pk=schedule_id).exists():
        raise Http404(f"There is no schedule {schedule_id}.")


def _campaign(campaign_id: int) -> Campaign:
    campaign = Campaign.objects.select_related("device_kind").filter(pk=campaign_id).first()
    if campaign is None:
        raise Http404(f"There is no campaign {campaign_id}.")
    return campaign


def _runs(count: int) -> str:
    return f"{count} run{'s' if count != 1 else ''}"
