"""Campaigns and schedules as their pages show them."""

from typing import Any

from django.urls import reverse

from apps.runs.models import Campaign, RunState, Schedule
from apps.runs.progress import Progress

SEGMENTS = (
    (RunState.DONE, "done"),
    (RunState.FAILED, "failed"),
    (RunState.CANCELLED, "cancelled"),
    (RunState.ACTIVE, "running"),
    (RunState.QUEUED, "waiting"),
)
"""In the order of the bar: what is over first."""


def segments(campaign: Campaign, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Parts of a bar as wide as the campaign has runs, each with the runs that it stands for."""
    runs, x = f"{reverse('runs')}?campaign={campaign.pk}", 0
    parts = []
    for state, label in SEGMENTS:
        count = counts[state]
        parts.append({"label": label, "state": str(state), "count": count, "x": x, "url": f"{runs}&state={state}"})
        x += count
    return parts


def campaign_row(campaign: Campaign) -> dict[str, Any]:
    """A line of the list; wants `with_counts` and the asker loaded."""
    counts = {str(state): getattr(campaign, state) for state in RunState}
    return {
        "id": campaign.pk,
        "url": reverse("campaign", args=[campaign.pk]),
        "title": campaign.title,
        "asked_by": campaign.requested_by.username,
        "created_at": campaign.created_at,
        "segments": segments(campaign, counts),
        "total": sum(counts.values()),
        "state": state_text(campaign, counts),
        "state_key": state_key(counts),
        "blocked": getattr(campaign, "blocked", 0),
    }


def state_text(campaign: Campaign, counts: dict[str, int]) -> str:
    """ "done", "12 of 32 over", "being prepared"."""
    if campaign.expanded_at is None:
        return "cancelled" if campaign.cancelled_at else "being prepared"
    total, open_count = sum(counts.values()), counts[RunState.QUEUED] + counts[RunState.ACTIVE]
    if open_count:
        return f"{total - open_count} of {total} over"
    return "cancelled" if counts[RunState.CANCELLED] == total else "over"


def state_key(counts: dict[str, int]) -> str:
    """The state of a run whose colour the whole campaign has: a failed one shows among many that are done."""
    if counts[RunState.QUEUED] + counts[RunState.ACTIVE]:
        return str(RunState.ACTIVE)
    over = (RunState.FAILED, RunState.DONE, RunState.CANCELLED)
    return str(next((state for state in over if counts[state]), RunState.QUEUED))


def progress_rows(campaign: Campaign, progress: Progress) -> dict[str, Any]:
    """What the live part of a campaign's page shows."""
    return {
        "segments": segments(campaign, progress.counts),
        "total": progress.total,
        "state": state_text(campaign, progress.counts),
        "blocked": progress.blocked,
        "blockages": progress.blockages,
        "estimate": progress.estimate,
    }


def schedule_row(schedule: Schedule) -> dict[str, Any]:
    """A line of the list of schedules; wants the asker loaded."""
    return {
        "id": schedule.pk,
        "title": f"{schedule.pk}: {schedule.title}",
        "every": schedule.every_text,
        "asked_by": schedule.requested_by.username,
        "next_at": schedule.next_at,
        "paused_at": schedule.paused_at,
        "skipped_at": schedule.skipped_at,
        "skip_reason": schedule.skip_reason,
        "switch": "Resume" if schedule.paused_at else "Pause",
        "switch_url": reverse("schedule-resume" if schedule.paused_at else "schedule-pause", args=[schedule.pk]),
        "end_url": reverse("schedule-end", args=[schedule.pk]),
        "requested_by_id": schedule.requested_by_id,
    }
