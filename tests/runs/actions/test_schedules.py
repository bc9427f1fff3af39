"""Campaigns that repeat: due once, never two at once, and never in silence."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import AuditEntry
from apps.catalog.models import Network
from apps.core.errors import InvalidInput, NotAllowed
from apps.runs.actions.campaigns import cancel_campaign, expand_campaign
from apps.runs.actions.schedules import create_schedule, end_schedule, start_due
from apps.runs.asking import ModelNames
from apps.runs.models import Campaign, Schedule
from apps.runs.tasks import start_due_schedules
from tests.factories import LATENCY, MODEL, NOW, OTHER_MODEL, make_user

pytestmark = pytest.mark.usefixtures("catalogue")

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def make_schedule(*, models: ModelNames = (MODEL,), every_hours: int = 24) -> Schedule:
    return create_schedule(
        requested_by=make_user(), model_names=models, protocol_slugs=[LATENCY], every_hours=every_hours, at=NOW
    )


def _finish(campaign: Campaign) -> None:
    expand_campaign(campaign_id=campaign.pk, at=NOW)
    cancel_campaign(campaign_id=campaign.pk, by=campaign.requested_by, at=NOW)


def test_schedule_makes_its_campaign_when_it_is_due_and_not_before() -> None:
    schedule = make_schedule(models=[MODEL, OTHER_MODEL])

    made = [start_due(at=NOW + DAY - HOUR), start_due(at=NOW + DAY + HOUR), start_due(at=NOW + DAY + HOUR)]

    campaign = Campaign.objects.get()
    schedule.refresh_from_db()
    assert made == [[], [campaign.pk], []]
    assert (campaign.schedule, campaign.due_at, campaign.title) == (schedule, NOW + DAY, schedule.title)
    assert campaign.model_names == [MODEL, OTHER_MODEL]
    assert schedule.next_at == NOW + 2 * DAY


def test_due_times_that_passed_meanwhile_are_not_made_up_for() -> None:
    schedule = make_schedule()

    start_due(at=NOW + 10 * DAY + HOUR)

    schedule.refresh_from_db()
    assert Campaign.objects.count() == 1
    assert schedule.next_at == NOW + 11 * DAY


def test_second_campaign_waits_for_the_first_and_the_schedule_says_so() -> None:
    schedule = make_schedule()
    [first] = start_due(at=NOW + DAY)
    expand_campaign(campaign_id=first, at=NOW)

    skipped = start_due(at=NOW + 2 * DAY)
    _finish(Campaign.objects.get())
    [second] = start_due(at=NOW + 3 * DAY)

    schedule.refresh_from_db()
    assert skipped == []
    assert schedule.skipped_at == NOW + 2 * DAY
    assert schedule.skip_reason.startswith(f"campaign {first} is not over: 1 run to go; run ")
    assert schedule.skip_reason.endswith("waits: no agent is registered")
    assert Campaign.objects.get(pk=second).due_at == NOW + 3 * DAY


def test_campaign_whose_runs_are_still_to_be_made_counts_as_open() -> None:
    make_schedule()
    start_due(at=NOW + DAY)

    assert start_due(at=NOW + 2 * DAY) == []


def test_schedule_of_all_models_takes_those_that_came_since() -> None:
    make_schedule(models="all")
    newer = Network.objects.get(name=MODEL)
    newer.pk, newer.name, newer.short = None, "NewNet", "New"
    newer.save()

    start_due(at=NOW + DAY)

    assert "NewNet" in Campaign.objects.get().model_names


def test_what_makes_no_sense_any_more_is_skipped_with_the_reason() -> None:
    schedule = make_schedule()
    Schedule.objects.update(model_names=["GoneNet"])

    made = start_due(at=NOW + DAY)

    schedule.refresh_from_db()
    assert made == []
    assert "There is no model GoneNet" in schedule.skip_reason
    assert schedule.next_at == NOW + 2 * DAY


def test_nobody_is_asked_for_in_the_name_of_a_closed_account() -> None:
    schedule = make_schedule()
    schedule.requested_by.is_active = False
    schedule.requested_by.save()

    made = start_due(at=NOW + DAY)

    schedule.refresh_from_db()
    assert made == []
    assert schedule.skip_reason == f"the account {schedule.requested_by.username} is not active"


def test_database_refuses_two_campaigns_of_one_due_time() -> None:
    make_schedule()
    [campaign] = start_due(at=NOW + DAY)
    again = Campaign.objects.get(pk=campaign)
    again.pk = None

    with pytest.raises(IntegrityError, match="runs_campaign_once_per_due_time"), transaction.atomic():
        again.save()


def test_ended_schedule_asks_for_nothing() -> None:
    schedule = make_schedule()

    for _ in range(2):
        end_schedule(schedule_id=schedule.pk, by=schedule.requested_by, at=NOW)

    assert start_due(at=NOW + DAY) == []
    assert AuditEntry.objects.filter(action="schedule.end").count() == 1


def test_only_who_asked_or_an_administrator_ends_a_schedule() -> None:
    schedule = make_schedule()

    with pytest.raises(NotAllowed, match="may end it"):
        end_schedule(schedule_id=schedule.pk, by=make_user(), at=NOW)
    end_schedule(schedule_id=schedule.pk, by=make_user(is_staff=True), at=NOW)

    assert not Schedule.objects.running().exists()


@pytest.mark.parametrize("every_hours", [0, -1, 9_000])
def test_schedule_that_is_too_often_or_too_rare_is_refused(every_hours: int) -> None:
    with pytest.raises(InvalidInput, match="repeats every 1 to"):
        make_schedule(every_hours=every_hours)


def test_schedule_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least one model"):
        make_schedule(models=[])


@pytest.mark.parametrize(("hours", "text"), [(1, "hour"), (36, "36 hours"), (24, "day"), (72, "3 days")])
def test_schedule_says_how_often(hours: int, text: str) -> None:
    assert Schedule(every_hours=hours).every_text == text


def test_task_of_beat_makes_the_campaign_and_its_runs() -> None:
    make_schedule()

    for _ in range(2):
        start_due_schedules()

    # NOW is in the past: the schedule was due long ago.
    assert Campaign.objects.get().runs.count() == 1
