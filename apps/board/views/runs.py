"""`/runs` and `/runs/<id>`, both live."""

from collections import Counter
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.board.history import attempt_history
from apps.board.live import live_response
from apps.board.outcome import outcome
from apps.board.paging import page_links
from apps.board.table import changed
from apps.board.timeline import state_sentence, timeline
from apps.board.views.as_data import also_as_data
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known, integer, one_of
from apps.runs.actions.campaigns import cancel_run
from apps.runs.actions.retries import retry_run
from apps.runs.api.views import RunsView, RunView
from apps.runs.models import Attempt, AttemptLog, Run, RunState
from apps.runs.waiting import turn_text

PAGE_SIZE = 50
LIST_EVERY_S = 5
LIVE_EVERY_S = {RunState.QUEUED: 5, RunState.ACTIVE: 3}
"""How often a run's page asks again. A run that is over changes no more."""


@also_as_data(RunsView)
@answers_user_errors
def run_list(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ("state", "campaign", "page"))
    state = one_of(request.GET, "state", RunState.values)
    runs = Run.objects.select_related("network", "protocol", "device_kind", "campaign")
    if "campaign" in request.GET:
        runs = runs.filter(campaign=integer(request.GET, "campaign", 0, low=1, high=2**62))
    shown = (runs.filter(state=state) if state else runs).order_by("-id")
    counts: dict[str, int] = dict(runs.order_by().values_list("state").annotate(count=Count("id")))
    paginator = Paginator(shown, PAGE_SIZE)
    # Known already, and a second count of all runs would take as long.
    paginator.count = counts.get(state, 0) if state else sum(counts.values())
    page = paginator.get_page(integer(request.GET, "page", 1, low=1, high=1_000_000))
    attempts = Counter(Attempt.objects.filter(run__in=[run.pk for run in page]).values_list("run_id", flat=True))
    context = {
        "nav": "runs",
        "runs": [_run_row(run) | {"attempts": attempts[run.pk]} for run in page],
        "filters": [_state_filter(request, None, sum(counts.values()), state)]
        + [_state_filter(request, RunState(s), counts.get(s, 0), state) for s in RunState.values],
        "page": page_links(request.GET, page),
    }
    return live_response(
        request,
        page="board/runs.html",
        part="board/_runs_table.html",
        part_id="runs-live",
        context=context,
        says="",
        every_s=LIST_EVERY_S,
    )


def _state_filter(request: HttpRequest, state: RunState | None, count: int, active: str | None) -> dict[str, Any]:
    return {
        "title": state.label.capitalize() if state else "All",
        "url": changed(request.GET, state=str(state) if state else None, page=None),
        "is_active": active == (str(state) if state else None),
        "count": count,
    }


def _run_row(run: Run) -> dict[str, Any]:
    return {
        "id": run.pk,
        "url": reverse("run", args=[run.pk]),
        "model": run.network.name,
        "protocol": run.protocol.slug,
        "engine": run.engine,
        "device_kind": run.device_kind.title if run.device_kind else "any",
        "state": run.state,
        "is_live": run.is_open,
        "blocked_by": run.blocked_by,
        "queued_at": run.queued_at,
        "finished_at": run.finished_at,
        "campaign": f"{run.campaign_id}: {run.campaign.title}",
        "campaign_url": reverse("campaign", args=[run.campaign_id]),
    }


@also_as_data(RunView)
@answers_user_errors
def run_detail(request: HttpRequest, run_id: int) -> HttpResponse:
    check_known(request.GET, ())
    run = Run.objects.select_related("network", "protocol", "device_kind", "campaign").filter(pk=run_id).first()
    if run is None:
        raise Http404(f"There is no run {run_id}.")
    attempts = list(run.attempts.select_related("agent", "device_kind").order_by("id"))
    context = {
        "nav": "runs",
        "run": _run_row(run) | _buttons(request, run),
        "timeline": timeline(run, attempts),
        **attempt_history(run, attempts),
        **outcome(run, attempts),
    }
    every_s = LIVE_EVERY_S.get(RunState(run.state))
    return live_response(
        request,
        page="board/run.html",
        part="board/_run_live.html",
        part_id="run-live",
        context=context,
        says=state_sentence(run, attempts),
        every_s=every_s,
    )


def _buttons(request: HttpRequest, run: Run) -> dict[str, Any]:
    """What this visitor may do to the run now; and what a queued one waits for where nothing blocks it."""
    user = request.user
    is_theirs = user.is_authenticated and (user.is_staff or user.pk == run.requested_by_id)
    is_queued = run.state == RunState.QUEUED and not run.blocked_by
    return {
        "cancel_url": reverse("run-cancel", args=[run.pk]) if is_theirs and run.is_open else None,
        "retry_url": reverse("run-retry", args=[run.pk]) if is_theirs and run.state == RunState.FAILED else None,
        "turn": turn_text(run) if is_queued else "",
        "failure": run.failure,
    }


@answers_user_errors
def log(request: HttpRequest, run_id: int) -> HttpResponse:
    """The whole log of one attempt as text; the newest one's without `attempt`."""
    check_known(request.GET, ("attempt",))
    number = integer(request.GET, "attempt", 0, low=1, high=1_000_000)
    attempts = list(Attempt.objects.filter(run_id=run_id).order_by("id").values_list("pk", flat=True))
    if not attempts or number > len(attempts):
        raise Http404(f"Run {run_id} has no such attempt.")
    found = AttemptLog.objects.filter(attempt_id=attempts[number - 1]).first()
    text = bytes(found.text).decode(errors="replace") if found else ""
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_POST
@login_required
@answers_user_errors
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    if not Run.objects.filter(pk=run_id).exists():
        raise Http404(f"There is no run {run_id}.")
    assert isinstance(request.user, User)
    cancel_run(run_id=run_id, by=request.user, at=timezone.now())
    return redirect("run", run_id)


@require_POST
@login_required
@answers_user_errors
def retry(request: HttpRequest, run_id: int) -> HttpResponse:
    if not Run.objects.filter(pk=run_id).exists():
        raise Http404(f"There is no run {run_id}.")
    assert isinstance(request.user, User)
    retry_run(run_id=run_id, by=request.user, at=timezone.now())
    return redirect("run", run_id)
