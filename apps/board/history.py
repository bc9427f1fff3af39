"""The attempts at a run and the end of the newest one's log, as its page shows them."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from apps.runs.limits import duration_text
from apps.runs.models import Attempt, AttemptLog, Run

TAIL_CHARACTERS = 20_000


def attempt_history(run: Run, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """`attempts`, newest last; `log` and what is left out of it; `progress` and `limit` of a live one."""
    logged = set(AttemptLog.objects.filter(attempt__run=run).values_list("attempt_id", flat=True))
    url = reverse("run-log", args=[run.pk])
    rows = [
        _row(number, attempt) | {"log_url": f"{url}?attempt={number}" if attempt.pk in logged else None}
        for number, attempt in enumerate(attempts, start=1)
    ]
    last = attempts[-1] if attempts else None
    live = {"progress": _progress(last), "limit": _limit(run, last)} if last is not None and last.is_live else {}
    tail = _tail(last, url) if last is not None and last.pk in logged else {"log": ""}
    return {"attempts": rows, **tail, **live}


def _row(number: int, attempt: Attempt) -> dict[str, Any]:
    reason = f"{attempt.failure_kind}: {attempt.reason}" if attempt.failure_kind else attempt.reason
    return {
        "number": number,
        "state": attempt.state,
        "agent": attempt.agent.name,
        "device": attempt.device_kind.title,
        "engine_release": attempt.engine_release,
        "leased_at": attempt.leased_at,
        "ended_at": attempt.ended_at,
        "reason": reason or _progress_text(attempt),
    }


def _progress_text(attempt: Attempt) -> str:
    progress = _progress(attempt)
    if progress is None:
        return ""
    step = f"{progress['phase']}, {progress['done']} of {progress['total']}" if progress["total"] else progress["phase"]
    return f"{step}: {progress['detail']}" if progress.get("detail") else step


def _progress(attempt: Attempt) -> dict[str, Any] | None:
    """What a live attempt said of itself last: `phase`, `done`, `total` and `detail`."""
    return attempt.progress if attempt.is_live and attempt.progress else None


def _limit(run: Run, attempt: Attempt) -> str:
    attempt.run = run
    return duration_text(attempt.overdue_at - attempt.leased_at)


def _tail(attempt: Attempt, url: str) -> dict[str, Any]:
    """The end of a log: a page that follows it must not carry a megabyte each time."""
    text = bytes(AttemptLog.objects.get(attempt=attempt).text).decode(errors="replace")
    return {"log": text[-TAIL_CHARACTERS:], "log_left_out": max(len(text) - TAIL_CHARACTERS, 0), "log_url": url}
