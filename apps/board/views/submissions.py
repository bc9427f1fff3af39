"""`/submissions` and `/submissions/<id>`: what was sent in without a lease, for its owner and for moderators."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from apps.board.paging import page_links
from apps.board.submission_rows import submission_detail, submission_row
from apps.board.table import changed
from apps.board.views.account import user_of
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known, integer, one_of
from apps.results.models import Result, Submission, SubmissionState

PAGE_SIZE = 50
RESULTS = Prefetch("results", Result.objects.select_related("network", "configuration").order_by("id"))


@never_cache
@login_required
@answers_user_errors
def submission_list(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ("state", "page"))
    state = one_of(request.GET, "state", SubmissionState.values)
    seen = Submission.objects.for_user(user_of(request)).for_listing().prefetch_related(RESULTS)
    shown = seen.filter(state=state) if state else seen
    page = Paginator(shown, PAGE_SIZE).get_page(integer(request.GET, "page", 1, low=1, high=1_000_000))
    context = {
        "nav": "account",
        "submissions": [submission_row(submission, list(submission.results.all())) for submission in page],
        "filters": [_filter(request, None, state), *(_filter(request, each, state) for each in SubmissionState)],
        "page": page_links(request.GET, page),
    }
    return render(request, "board/submissions.html", context)


@never_cache
@login_required
@answers_user_errors
def submission(request: HttpRequest, submission_pk: int) -> HttpResponse:
    """Somebody else's is not found, as one that does not exist."""
    check_known(request.GET, ())
    seen = Submission.objects.for_user(user_of(request)).select_related("owner", "agent", "device__kind")
    found = seen.prefetch_related(RESULTS).filter(pk=submission_pk).first()
    if found is None:
        raise Http404(f"You have no submission {submission_pk}.")
    context = {"nav": "account", **submission_detail(found, list(found.results.all()))}
    return render(request, "board/submission.html", context)


def _filter(request: HttpRequest, state: SubmissionState | None, active: str | None) -> dict[str, Any]:
    return {
        "title": state.label.capitalize() if state else "All",
        "url": changed(request.GET, state=str(state) if state else None, page=None),
        "is_active": active == state,
    }
