"""`/account`: who I am here, what is mine, and how to end it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.accounts.actions import change_profile, deactivate_user
from apps.accounts.forms import DeactivateForm, ProfileForm
from apps.accounts.models import User
from apps.board.campaign_rows import campaign_row
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known
from apps.fleet.models import Agent
from apps.runs.models import Campaign

NEWEST_CAMPAIGNS = 10


@never_cache
@login_required
@answers_user_errors
def account(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ())
    user = user_of(request)
    # The form writes what was typed into its instance, also where that is not valid.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        change_profile(user=user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "Your profile is saved.")
        return redirect("account")
    return _page(request, user, form=form, deactivate_form=DeactivateForm(user=user))


@require_POST
@login_required
@answers_user_errors
def deactivate(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = DeactivateForm(request.POST, user=user)
    if not form.is_valid():
        return _page(request, user, form=ProfileForm(instance=user), deactivate_form=form)
    deactivate_user(user=user, by=user, at=timezone.now())
    logout(request)
    messages.success(request, "Your account is closed. An administrator can open it again.")
    return redirect("board")


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _page(request: HttpRequest, user: User, **forms: Any) -> HttpResponse:
    now = timezone.now()
    agents = Agent.objects.in_fleet().filter(owner=user).for_listing()
    campaigns = Campaign.objects.with_counts().filter(requested_by=user).select_related("requested_by").order_by("-id")
    context = {
        "nav": "account",
        "agents": [{"agent": agent, "state": agent.state(at=now)} for agent in agents],
        "campaigns": [campaign_row(campaign) for campaign in campaigns[:NEWEST_CAMPAIGNS]],
        "newest": NEWEST_CAMPAIGNS,
        "token_count": user.tokens.usable(at=now).count(),
        **forms,
    }
    return render(request, "accounts/account.html", context)
