"""Asking for runs from the board."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.board.forms import CampaignForm
from apps.board.views.errors import answers_user_errors
from apps.core.background import on_commit
from apps.runs.actions.campaigns import create_campaign
from apps.runs.tasks import dispatch


@require_POST
@login_required
@answers_user_errors
def create(request: HttpRequest) -> HttpResponse:
    form = CampaignForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return HttpResponseRedirect(f"{reverse('board')}#measure")
    assert isinstance(request.user, User)
    campaign = create_campaign(
        requested_by=request.user,
        model_names=form.cleaned_data["models"],
        protocol_slugs=[form.cleaned_data["protocol"]],
        engine=form.cleaned_data["engine"],
        at=timezone.now(),
    )
    on_commit(dispatch, campaign.pk)
    count = len(campaign.model_names)
    messages.success(
        request, f"Asked for {count} run{'s' if count != 1 else ''}. They appear here as agents take them."
    )
    return redirect("runs")
