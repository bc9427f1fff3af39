"""Schedules over REST: who may, what is refused, what follows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.actions import create_token
from apps.accounts.models import AuditEntry, Scope, User
from apps.runs.actions.campaigns import cancel_campaign
from apps.runs.actions.schedules import start_due
from apps.runs.api import schema
from apps.runs.models import Campaign, Schedule
from tests.api.calls import Caller, assert_problem, row_counts
from tests.factories import make_user

WANTED = {"models": ["MobileNetV1"], "protocols": ["cpu-fp32-bs1"], "every_hours": 24}
VERBS = ("pause", "resume", "run")
DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("catalogue")


def caller_of(user: User, *scopes: Scope) -> Caller:
    return Caller(create_token(user=user, name="test", scopes=scopes, at=timezone.now()))


@pytest.fixture
def owner(catalogue: None) -> User:
    return make_user()


@pytest.fixture
def caller(owner: User) -> Caller:
    return caller_of(owner, Scope.DISPATCH)


@pytest.fixture
def made(caller: Caller) -> schema.ScheduleRow:
    response = caller.post("schedules/", WANTED)
    assert response.status_code == 201, response.content
    return schema.ScheduleRow.model_validate_json(response.content)


def test_schedule_is_made_and_shown_to_everybody(owner: User, made: schema.ScheduleRow, anonymous: Caller) -> None:
    page = schema.SchedulePage.model_validate_json(anonymous.get("schedules/").content)

    assert page.results == [schema.ScheduleRow.model_validate(anonymous.get(f"schedules/{made.id}/").json())] == [made]
    assert (made.requested_by, made.models, made.every_hours) == (owner.username, ["MobileNetV1"], 24)
    assert made.next_at - made.created_at == DAY


def test_paused_schedule_asks_for_nothing_and_goes_on_with_what_is_to_come(
    caller: Caller, made: schema.ScheduleRow
) -> None:
    first, second = [caller.post(f"schedules/{made.id}/pause/", {}).json() for _ in range(2)]
    passed = start_due(at=made.next_at + timedelta(hours=1))
    Schedule.objects.update(next_at=timezone.now() - timedelta(hours=1))
    resumed = schema.ScheduleRow.model_validate_json(caller.post(f"schedules/{made.id}/resume/", {}).content)

    assert first == second
    assert first["paused_at"] is not None
    assert passed == []
    assert resumed.paused_at is None
    assert resumed.next_at > timezone.now() + timedelta(hours=22)
    noted = AuditEntry.objects.filter(action__startswith="schedule.").order_by("id").values_list("action", flat=True)
    assert list(noted) == ["schedule.create", "schedule.pause", "schedule.resume"]


def test_schedule_runs_now_beside_its_due_times_and_never_twice_at_once(
    owner: User, caller: Caller, made: schema.ScheduleRow
) -> None:
    response = caller.post(f"schedules/{made.id}/run/", {})
    problem = assert_problem(caller.post(f"schedules/{made.id}/run/", {}), 409, "campaign-still-open")
    cancel_campaign(campaign_id=response.json()["id"], by=owner, at=timezone.now())
    again = caller.post(f"schedules/{made.id}/run/", {})

    campaign = schema.OneCampaign.model_validate_json(response.content)
    assert (response.status_code, campaign.schedule, campaign.models) == (201, made.id, ["MobileNetV1"])
    assert f"campaign {campaign.id} is not over" in problem.detail
    assert again.status_code == 201
    assert Schedule.objects.get().next_at == made.next_at


def test_deleted_schedule_asks_for_nothing_and_says_when_it_ended(caller: Caller, made: schema.ScheduleRow) -> None:
    answers = [caller.delete(f"schedules/{made.id}/").status_code for _ in range(2)]

    assert answers == [204, 204]
    assert caller.get(f"schedules/{made.id}/").json()["ended_at"] is not None
    assert start_due(at=made.next_at + DAY) == []
    for verb in VERBS:
        assert_problem(caller.post(f"schedules/{made.id}/{verb}/", {}), 409, "schedule-ended")


def test_nobody_is_asked_for_now_in_the_name_of_a_closed_account(owner: User, made: schema.ScheduleRow) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)

    response = caller_of(make_user(is_staff=True), Scope.DISPATCH, Scope.ADMIN).post(f"schedules/{made.id}/run/", {})

    assert_problem(response, 409, "asker-not-active")
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"every_hours": 0}, "every_hours"),
        ({"every_hours": 10**6}, "every_hours"),
        ({"models": ["MobileNetV9"]}, "models"),
        ({"protocols": ["paddleclas-sd855-bs1"]}, "protocols"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_mistake_is_a_422_that_names_the_field_and_changes_nothing(
    caller: Caller, change: dict[str, Any], field: str
) -> None:
    before = row_counts()

    problem = assert_problem(caller.post("schedules/", {**WANTED, **change}), 422, "invalid-input")

    assert {error.field for error in problem.errors} == {field}
    assert row_counts() == before


def _changes(caller: Caller, schedule_id: int) -> list[Any]:
    """The answer to everything that changes a schedule."""
    posts = [caller.post(f"schedules/{schedule_id}/{verb}/", {}) for verb in VERBS]
    return [*posts, caller.delete(f"schedules/{schedule_id}/")]


def test_only_the_asker_and_administrators_change_a_schedule(made: schema.ScheduleRow, anonymous: Caller) -> None:
    stranger = caller_of(make_user(), Scope.DISPATCH)
    reader = caller_of(make_user(is_staff=True), Scope.READ)
    administrator = caller_of(make_user(is_staff=True), Scope.DISPATCH, Scope.ADMIN)
    before = row_counts()

    refused = [
        (answer, status, type)
        for caller, status, type in [
            (anonymous, 401, "not-authenticated"),
            (stranger, 403, "not-allowed"),
            (reader, 403, "permission-denied"),
        ]
        for answer in _changes(caller, made.id)
    ]
    untouched = row_counts()
    allowed = _changes(administrator, made.id)

    for answer, status, type in refused:
        assert_problem(answer, status, type)
    assert untouched == before
    assert [answer.status_code for answer in allowed] == [200, 200, 201, 204]


def test_making_a_schedule_needs_an_account_and_the_scope(anonymous: Caller) -> None:
    reader = caller_of(make_user(), Scope.READ)

    answers = [caller.post("schedules/", WANTED).status_code for caller in (anonymous, reader)]

    assert answers == [401, 403]
    assert not Schedule.objects.exists()


def test_schedule_that_is_not_there_is_a_404_that_names_the_list(caller: Caller) -> None:
    for answer in [caller.get("schedules/0/"), *_changes(caller, 0)]:
        assert "/api/v1/schedules/" in assert_problem(answer, 404, "not-found").detail
