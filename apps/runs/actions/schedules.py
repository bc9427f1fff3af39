"""Campaigns that repeat: making a schedule, ending it, and the campaigns that are due."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.core.errors import Conflict, InvalidInput, UserError
from apps.runs.actions.campaigns import check_is_asker, create_campaign, title_of
from apps.runs.asking import ALL, ModelNames, read_wanted
from apps.runs.models import OPEN_STATES, Campaign, Schedule
from apps.runs.models.asked import NORMAL_PRIORITY
from apps.runs.models.schedule import MAX_EVERY_HOURS

log = logging.getLogger(__name__)


class ScheduleEnded(Conflict):
    type = "schedule-ended"
    title = "The schedule has ended"


class AskerGone(Conflict):
    type = "asker-not-active"
    title = "Nobody asks for it any more"


class StillOpen(Conflict):
    type = "campaign-still-open"
    title = "Its campaign before is not over"


@transaction.atomic
def create_schedule(
    *,
    requested_by: User,
    model_names: ModelNames,
    protocol_slugs: Sequence[str],
    every_hours: int,
    engine: str = "",
    device_kind: str | None = None,
    dataset: str = "",
    priority: int = NORMAL_PRIORITY,
    title: str = "",
    at: datetime,
) -> Schedule:
    """Ask for the same again every so many hours, the first time after that long. Raises InvalidInput."""
    if not 1 <= every_hours <= MAX_EVERY_HOURS:
        message = f"A schedule repeats every 1 to {MAX_EVERY_HOURS:,} hours: say how often."
        raise InvalidInput(message, [{"field": "every_hours", "message": message}])
    wanted = read_wanted(
        requested_by=requested_by,
        model_names=model_names,
        protocol_slugs=protocol_slugs,
        engine=engine,
        device_kind=device_kind,
        dataset=dataset,
        priority=priority,
    )
    schedule = Schedule.objects.create(
        title=title or title_of(wanted, is_all=model_names == ALL),
        requested_by=requested_by,
        model_names=[] if model_names == ALL else wanted.model_names,
        protocol_slugs=[protocol.slug for protocol in wanted.protocols],
        engine=engine,
        device_kind=wanted.device_kind,
        dataset=dataset,
        priority=priority,
        every_hours=every_hours,
        next_at=at + timedelta(hours=every_hours),
        created_at=at,
    )
    record_audit(actor=requested_by, action="schedule.create", subject=str(schedule.pk), at=at, hours=every_hours)
    return schedule


@transaction.atomic
def end_schedule(*, schedule_id: int, by: User, at: datetime) -> None:
    """Ask for it no more; campaigns that it made stay. Ending twice is the same as once."""
    schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
    check_is_asker(schedule, by=by, what="end it")
    if Schedule.objects.running().filter(pk=schedule.pk).update(ended_at=at):
        record_audit(actor=by, action="schedule.end", subject=str(schedule.pk), at=at)


@transaction.atomic
def pause_schedule(*, schedule_id: int, by: User, at: datetime) -> None:
    """Ask for nothing until it is resumed. Pausing twice is the same as once. Raises ScheduleEnded."""
    schedule = _lock(schedule_id, by=by, what="pause it")
    if schedule.paused_at is None:
        schedule.paused_at = at
        schedule.save(update_fields=["paused_at"])
        record_audit(actor=by, action="schedule.pause", subject=str(schedule.pk), at=at)


@transaction.atomic
def resume_schedule(*, schedule_id: int, by: User, at: datetime) -> None:
    """Ask again at the next due time that is to come. Resuming twice is the same as once. Raises ScheduleEnded."""
    schedule = _lock(schedule_id, by=by, what="resume it")
    if schedule.paused_at is not None:
        schedule.paused_at = None
        schedule.next_at = schedule.next_at if schedule.next_at > at else schedule.first_after(at)
        schedule.save(update_fields=["paused_at", "next_at"])
        record_audit(actor=by, action="schedule.resume", subject=str(schedule.pk), at=at)


@transaction.atomic
def run_schedule_now(*, schedule_id: int, by: User, at: datetime) -> Campaign:
    """Its campaign out of turn, also while it is paused; the due times stay as they are.

    Raises ScheduleEnded, AskerGone, StillOpen while its campaign before is not over, InvalidInput where what it asks
    for makes no sense any more.
    """
    schedule = _lock(schedule_id, by=by, what="start it")
    if not schedule.requested_by.is_active:
        raise AskerGone(f"The account {schedule.requested_by.username} is not active: make a schedule of your own.")
    if before := schedule.campaigns.open().order_by("-pk").first():
        raise StillOpen(f"{_still_open(before)}. Wait for its end, or cancel it.")
    campaign = _create(schedule, due_at=at, at=at)
    record_audit(actor=by, action="schedule.run-now", subject=str(schedule.pk), at=at, campaign=campaign.pk)
    return campaign


def _lock(schedule_id: int, *, by: User, what: str) -> Schedule:
    schedule = Schedule.objects.select_for_update().get(pk=schedule_id)
    check_is_asker(schedule, by=by, what=what)
    if schedule.ended_at is not None:
        raise ScheduleEnded(f"Schedule {schedule.pk} has ended: make a new one.")
    return schedule


def start_due(*, at: datetime) -> list[int]:
    """Make the campaigns that are due, each once; the ids of those that were made. Safe at any time."""
    due = list(Schedule.objects.due(at=at).order_by("next_at", "pk").values_list("pk", flat=True))
    made = [_start(schedule_id=schedule_id, at=at) for schedule_id in due]
    return [campaign.pk for campaign in made if campaign is not None]


@transaction.atomic
def _start(*, schedule_id: int, at: datetime) -> Campaign | None:
    """The campaign of a due time, None where it is skipped; either way the next due time is to come."""
    due = Schedule.objects.due(at=at).select_for_update(of=("self",), skip_locked=True)
    schedule = due.select_related("requested_by", "device_kind").filter(pk=schedule_id).first()
    if schedule is None:
        return None
    campaign, reason = _try_create(schedule, at=at)
    if campaign is None:
        log.warning("schedule %s (%s) skips %s: %s", schedule.pk, schedule, schedule.next_at, reason)
        schedule.skipped_at, schedule.skip_reason = schedule.next_at, reason[:300]
    schedule.next_at = schedule.first_after(at)
    schedule.save(update_fields=["next_at", "skipped_at", "skip_reason"])
    return campaign


def _try_create(schedule: Schedule, *, at: datetime) -> tuple[Campaign | None, str]:
    """A campaign, or why there is none."""
    if not schedule.requested_by.is_active:
        return None, f"the account {schedule.requested_by.username} is not active"
    if before := schedule.campaigns.open().order_by("-pk").first():
        return None, _still_open(before)
    try:
        with transaction.atomic():
            return _create(schedule, due_at=schedule.next_at, at=at), ""
    except UserError as exc:
        # What was asked for makes no sense any more: a model was renamed, a protocol taken back.
        return None, exc.detail


def _create(schedule: Schedule, *, due_at: datetime, at: datetime) -> Campaign:
    return create_campaign(
        requested_by=schedule.requested_by,
        model_names=schedule.model_names or ALL,
        protocol_slugs=schedule.protocol_slugs,
        engine=schedule.engine,
        device_kind=schedule.device_kind.slug if schedule.device_kind else None,
        dataset=schedule.dataset,
        priority=schedule.priority,
        title=schedule.title,
        schedule=schedule,
        due_at=due_at,
        at=at,
    )


def _still_open(campaign: Campaign) -> str:
    if campaign.expanded_at is None:
        return f"campaign {campaign.pk} is not over: its runs are still to be made"
    runs = campaign.runs.filter(state__in=OPEN_STATES)
    count, blocked = runs.count(), runs.exclude(blocked_by="").first()
    reason = f"campaign {campaign.pk} is not over: {count} run{'s' if count != 1 else ''} to go"
    return f"{reason}; run {blocked.pk} waits: {blocked.blocked_by}" if blocked else reason
