"""`/runs` and `/runs/<id>`, both live."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.board import charts
from apps.board.statistics import flag_sentences, statistic_rows
from apps.board.table import changed
from apps.board.text import flag_rows, flatten_facts, interval_text, value_text
from apps.board.timeline import timeline
from apps.board.views.errors import answers_user_errors
from apps.catalog.models import Artifact
from apps.catalog.models.protocol import ProtocolKind
from apps.core.api.parameters import check_known, integer, one_of
from apps.core.metrics import METRICS
from apps.results.models import Measurement, Result, Samples
from apps.runs.actions.campaigns import cancel_run
from apps.runs.models import Attempt, AttemptLog, AttemptState, Run, RunState

PAGE_SIZE = 50
LIVE_PARTIAL = "live"


@answers_user_errors
def run_list(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ("state", "page"))
    state = one_of(request.GET, "state", RunState.values)
    runs = Run.objects.select_related("network", "protocol", "device_kind", "campaign")
    shown = (runs.filter(state=state) if state else runs).annotate(attempt_count=Count("attempts")).order_by("-id")
    page = Paginator(shown, PAGE_SIZE).get_page(integer(request.GET, "page", 1, low=1, high=1_000_000))
    counts = dict(Run.objects.order_by().values_list("state").annotate(count=Count("id")))
    context = {
        "nav": "runs",
        "runs": [_run_row(run) for run in page],
        "table_url": f"{reverse('runs')}{changed(request.GET)}",
        "filters": [_state_filter(request, None, sum(counts.values()), state)]
        + [_state_filter(request, RunState(s), counts.get(s, 0), state) for s in RunState.values],
        "page": {
            "previous_url": changed(request.GET, page=str(page.previous_page_number()))
            if page.has_previous()
            else None,
            "next_url": changed(request.GET, page=str(page.next_page_number())) if page.has_next() else None,
        },
    }
    return render(
        request, "board/_runs_table.html" if request.headers.get("HX-Request") else "board/runs.html", context
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
        "attempts": getattr(run, "attempt_count", None),
        "queued_at": run.queued_at,
        "finished_at": run.finished_at,
        "campaign": run.campaign.title,
    }


@answers_user_errors
def run_detail(request: HttpRequest, run_id: int) -> HttpResponse:
    check_known(request.GET, ())
    run = Run.objects.select_related("network", "protocol", "device_kind", "campaign").filter(pk=run_id).first()
    if run is None:
        raise Http404(f"There is no run {run_id}.")
    attempts = list(run.attempts.select_related("agent", "device__kind").order_by("id"))
    row = _run_row(run)
    if run.is_open and _may_cancel(request, run):
        row["cancel_url"] = reverse("run-cancel", args=[run.pk])
    context = {
        "nav": "runs",
        "run": row,
        "live_url": reverse("run", args=[run.pk]),
        "timeline": timeline(run, attempts),
        "attempts": [_attempt_row(number, attempt) for number, attempt in enumerate(attempts, start=1)],
        **_outcome(run, attempts),
    }
    return render(request, "board/_run_live.html" if request.headers.get("HX-Request") else "board/run.html", context)


def _may_cancel(request: HttpRequest, run: Run) -> bool:
    return request.user.is_authenticated and (request.user.is_staff or request.user.pk == run.requested_by_id)


def _attempt_row(number: int, attempt: Attempt) -> dict[str, Any]:
    reason = f"{attempt.failure_kind}: {attempt.reason}" if attempt.failure_kind else attempt.reason
    return {
        "number": number,
        "state": attempt.state,
        "agent": attempt.agent.name,
        "device": attempt.device.kind.title,
        "leased_at": attempt.leased_at,
        "ended_at": attempt.ended_at,
        "reason": reason or _progress(attempt),
    }


def _progress(attempt: Attempt) -> str:
    progress = attempt.progress
    if not attempt.is_live or not progress:
        return ""
    return f"{progress['phase']}, {progress['done']} of {progress['total']}"


def _outcome(run: Run, attempts: list[Attempt]) -> dict[str, Any]:
    """Values, samples and environment of the accepted attempt; the log of the newest one."""
    log = AttemptLog.objects.filter(attempt=attempts[-1]).first() if attempts else None
    outcome: dict[str, Any] = {"log": bytes(log.text).decode(errors="replace") if log else ""}
    accepted = next((attempt for attempt in attempts if attempt.state == AttemptState.ACCEPTED), None)
    if accepted is None:
        return outcome
    measured = Measurement.objects.filter(attempt=accepted)
    measurement = measured.select_related("artifact__network", "artifact__architecture").first()
    samples = Samples.objects.filter(attempt=accepted).first()
    outcome["values"] = [_value_row(result) for result in Result.objects.filter(attempt=accepted)]
    if measurement is not None:
        outcome["environment"] = _environment(measurement)
        outcome["artifact_sentence"] = _artifact_sentence(run, measurement.artifact)
        outcome["statistics"] = statistic_rows(measurement.statistics)
        outcome["flag_sentences"] = flag_sentences(measurement.statistics)
    if samples is not None and run.protocol.kind == ProtocolKind.LATENCY:
        outcome["samples_chart"] = charts.samples_chart(
            samples.unpack(), title=f"Samples of {run.network.name}, in order"
        )
    return outcome


def _artifact_sentence(run: Run, artifact: Artifact) -> str:
    """Whose artifact and weights stand behind the values; a model may be measured with what siblings share."""
    weights = f"weights: {artifact.weights}"
    if artifact.made_for == run.network.name:
        return f"Measured with an artifact of {run.network.name}; {weights}."
    return f"Measured with the artifact of {artifact.made_for}, whose architecture it shares; {weights}."


def _environment(measurement: Measurement) -> list[tuple[str, str]]:
    provenance = {
        "engine_release": measurement.engine_release,
        "runner_version": measurement.runner_version,
        "artifact_sha256": measurement.artifact.sha256,
        "weights": measurement.artifact.weights,
    }
    return flatten_facts(provenance | measurement.environment)


def _value_row(result: Result) -> dict[str, Any]:
    metric = METRICS[result.metric]
    low, high = result.interval_low, result.interval_high
    interval = (low, high) if low is not None and high is not None else None
    return {
        "metric_label": metric.label,
        "text": value_text(metric, result.value, result.printed),
        "unit": metric.unit,
        "interval_text": interval_text(metric, result.value, interval),
        "statistic": result.statistic,
        "n": result.n,
        "flags": flag_rows(result.flags),
    }


@require_POST
@login_required
@answers_user_errors
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    if not Run.objects.filter(pk=run_id).exists():
        raise Http404(f"There is no run {run_id}.")
    assert isinstance(request.user, User)
    cancel_run(run_id=run_id, by=request.user, at=timezone.now())
    return redirect("run", run_id)
