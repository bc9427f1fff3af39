"""`/audit`: who did what. Everybody sees what they did and what was done to what is theirs; administrators see all."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from apps.accounts.models import AuditEntry, User
from apps.board.audit_rows import SUBJECTS, audit_rows
from apps.board.paging import page_links
from apps.board.table import changed
from apps.board.views.account import user_of
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known, integer, one_of
from apps.fleet.models import Agent

PAGE_SIZE = 50


@never_cache
@login_required
@answers_user_errors
def audit(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ("about", "page"))
    about = one_of(request.GET, "about", SUBJECTS)
    entries = _seen_by(user_of(request)).select_related("actor")
    shown = entries.filter(action__startswith=f"{about}.") if about else entries
    page = Paginator(shown, PAGE_SIZE).get_page(integer(request.GET, "page", 1, low=1, high=1_000_000))
    agents = Agent.objects.filter(public_id__in=[entry.subject for entry in page])
    context = {
        "nav": "account",
        "entries": audit_rows(page, agents=dict(agents.values_list("public_id", "name"))),
        "filters": [_filter(request, subject, about) for subject in (None, *SUBJECTS)],
        "page": page_links(request.GET, page),
    }
    return render(request, "accounts/audit.html", context)


def _seen_by(user: User) -> QuerySet[AuditEntry]:
    if user.is_staff:
        return AuditEntry.objects.all()
    # Names of accounts and ids of other things are not told apart by their spelling.
    mine = Q(subject=user.username, action__startswith="account.")
    of_my_agents = Q(subject__in=user.agents.values("public_id"))
    return AuditEntry.objects.filter(Q(actor=user) | mine | of_my_agents)


def _filter(request: HttpRequest, subject: str | None, active: str | None) -> dict[str, Any]:
    return {
        "title": subject.capitalize() if subject else "All",
        "url": changed(request.GET, about=subject, page=None),
        "is_active": subject == active,
    }
