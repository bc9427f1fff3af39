"""Asking for runs over REST: who may, what is refused, what is made."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import create_token
from apps.accounts.models import Scope, Token, User
from apps.runs.actions.campaigns import cancel_run, expand_campaign
from apps.runs.actions.outcomes import fail_attempt
from apps.runs.api import schema
from apps.runs.models import Campaign
from runners import wire
from tests.api.calls import Caller, assert_problem, row_counts
from tests.factories import COMPLEXITY, NOW, make_leased, make_runs, make_user, token_of

WANTED = {"models": ["MobileNetV1", "MobileNetV2"], "protocols": ["cpu-fp32-bs1"]}

pytestmark = pytest.mark.usefixtures("catalogue")


def caller_of(user: User, *scopes: Scope) -> Caller:
    return Caller(create_token(user=user, name="test", scopes=scopes, at=timezone.now()))


def test_token_with_the_scope_dispatch_asks_for_a_campaign() -> None:
    user = make_user()

    response = caller_of(user, Scope.DISPATCH).post("campaigns/", WANTED)

    answer = schema.OneCampaign.model_validate_json(response.content)
    assert response.status_code == 201
    assert (answer.models, answer.protocols, answer.is_expanded) == (*WANTED.values(), False)
    assert Campaign.objects.get(pk=answer.id).requested_by == user


def test_campaign_counts_its_runs_by_state(anonymous: Caller) -> None:
    answer = caller_of(make_user(), Scope.DISPATCH).post("campaigns/", WANTED).json()
    expand_campaign(campaign_id=answer["id"], at=timezone.now())

    campaign = anonymous.get(f"campaigns/{answer['id']}/").json()

    assert campaign["is_expanded"]
    assert campaign["runs"] == {"queued": 2, "active": 0, "done": 0, "failed": 0, "cancelled": 0}


def test_anonymous_is_a_401_that_changes_nothing(anonymous: Caller) -> None:
    before = row_counts()

    problem = assert_problem(anonymous.post("campaigns/", WANTED), 401, "not-authenticated")

    assert problem.detail
    assert row_counts() == before


@pytest.mark.parametrize("scope", [Scope.READ, Scope.SUBMIT, Scope.ADMIN])
def test_token_without_the_scope_is_a_403_that_names_it(scope: Scope) -> None:
    caller = caller_of(make_user(is_staff=True), scope)
    before = row_counts()

    problem = assert_problem(caller.post("campaigns/", WANTED), 403, "permission-denied")

    assert "dispatch" in problem.detail
    assert row_counts() == before


def test_revoked_expired_and_disabled_tokens_are_a_401() -> None:
    user = make_user()
    revoked, expired = caller_of(user, Scope.DISPATCH), caller_of(user, Scope.DISPATCH)
    now = timezone.now()
    first, second = Token.objects.order_by("id")
    Token.objects.filter(pk=first.pk).update(revoked_at=now)
    Token.objects.filter(pk=second.pk).update(created_at=now - timedelta(days=2), expires_at=now - timedelta(days=1))
    disabled = caller_of(other := make_user(), Scope.DISPATCH)
    User.objects.filter(pk=other.pk).update(is_active=False)

    for caller in (revoked, expired, disabled):
        assert_problem(caller.post("campaigns/", WANTED), 401, "authentication-failed")

    assert not Campaign.objects.exists()


def test_session_needs_the_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())

    problem = assert_problem(Caller(client=client).post("campaigns/", WANTED), 403, "permission-denied")

    assert "CSRF" in problem.detail


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"models": []}, "models", "at least one"),
        ({"models": ["MobileNetV9"]}, "models", "MobileNetV9"),
        ({"models": "MobileNetV1"}, "models", "a list of names"),
        ({"priority": 99}, "priority", "for administrators"),
        ({"protocols": ["paddleclas-sd855-bs1"]}, "protocols", "cpu-fp32-bs1"),
        ({"engine": "abacus"}, "engine", "onnxruntime"),
        ({"device_kind": "toaster"}, "device_kind", "/api/v1/devices/"),
        ({"colour": "red"}, "colour", "not permitted"),
    ],
)
def test_mistake_is_a_422_that_names_the_field_and_changes_nothing(
    change: dict[str, Any], field: str, says: str
) -> None:
    caller = caller_of(make_user(), Scope.DISPATCH)
    before = row_counts()

    problem = assert_problem(caller.post("campaigns/", {**WANTED, **change}), 422, "invalid-input")

    assert {error.field for error in problem.errors} == {field}
    assert says in problem.detail
    assert row_counts() == before


@pytest.mark.parametrize("message", [{"title": "a\0b"}, {"models": ["a\0b"]}, {"device_kind": "\0"}])
def test_nul_character_is_a_422(message: dict[str, Any]) -> None:
    caller = caller_of(make_user(), Scope.DISPATCH)

    problem = assert_problem(caller.post("campaigns/", {**WANTED, **message}), 422, "invalid-input")

    assert "NUL" in problem.detail


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"7"])
def test_json_that_is_no_object_is_a_422(body: bytes) -> None:
    caller = caller_of(make_user(), Scope.DISPATCH)

    assert_problem(caller.post("campaigns/", body), 422, "invalid-input")


def test_all_models_are_asked_for_in_one_word() -> None:
    answer = caller_of(make_user(), Scope.DISPATCH).post("campaigns/", {**WANTED, "models": "all", "priority": 150})

    campaign = schema.OneCampaign.model_validate_json(answer.content)
    assert (len(campaign.models), campaign.priority) == (32, 150)


def test_list_has_the_progress_of_each_campaign(anonymous: Caller) -> None:
    user = make_user()
    first, second = make_runs(requested_by=user, models=["MobileNetV1", "MobileNetV2"])
    cancel_run(run_id=first.pk, by=user, at=timezone.now())

    [row] = schema.CampaignPage.model_validate_json(anonymous.get("campaigns/").content).results

    assert (row.runs["queued"], row.runs["cancelled"], row.blocked, row.is_expanded) == (1, 1, 1, True)
    assert (row.requested_by, row.id) == (user.username, second.campaign_id)


def test_campaign_says_when_it_ends_and_what_it_waits_for(anonymous: Caller) -> None:
    attempt = make_leased(protocol=COMPLEXITY)
    phones = make_runs(requested_by=attempt.agent.owner, models="all", protocols=["sd855-bs1-t1"])

    running = schema.OneCampaign.model_validate_json(anonymous.get(f"campaigns/{attempt.run.campaign_id}/").content)
    blocked = schema.OneCampaign.model_validate_json(anonymous.get(f"campaigns/{phones[0].campaign_id}/").content)

    assert (running.estimate, running.blocked_by) == (None, [])
    assert [(b.reason, b.runs) for b in blocked.blocked_by] == [
        ("no paddle-lite artifact", 31),
        ("no int8 paddle-lite artifact", 1),
    ]
    assert len(blocked.blocked_by[0].models) == 31


def test_owner_cancels_a_campaign_and_tries_its_failed_runs_again() -> None:
    attempt = make_leased()
    caller = caller_of(attempt.agent.owner, Scope.DISPATCH)
    campaign = f"campaigns/{attempt.run.campaign_id}/"
    fail_attempt(agent=attempt.agent, token=token_of(attempt), kind=wire.FailureKind.USER, reason="", at=NOW)

    retried = [caller.post(f"{campaign}retry/", {}) for _ in range(2)]
    cancelled = [caller.post(f"{campaign}cancel/", {}) for _ in range(2)]

    assert [answer.json()["runs"]["queued"] for answer in retried] == [1, 1]
    assert [answer.json()["runs"]["cancelled"] for answer in cancelled] == [1, 1]


def test_failed_run_is_tried_again_and_another_is_a_409() -> None:
    attempt = make_leased()
    caller = caller_of(attempt.agent.owner, Scope.DISPATCH)
    fail_attempt(agent=attempt.agent, token=token_of(attempt), kind=wire.FailureKind.USER, reason="", at=NOW)

    answers = [caller.post(f"runs/{attempt.run_id}/retry/", {}) for _ in range(2)]
    caller.delete(f"runs/{attempt.run_id}/")

    run = schema.OneRun.model_validate_json(answers[1].content)
    assert (run.state, run.counted_attempts, len(run.attempts)) == ("queued", 0, 1)
    assert_problem(caller.post(f"runs/{attempt.run_id}/retry/", {}), 409, "run-not-failed")


def test_urgency_is_the_owners_to_lower_and_an_administrators_to_raise() -> None:
    owner = make_user()
    [run] = make_runs(requested_by=owner)
    address = f"campaigns/{run.campaign_id}/"
    staff = caller_of(make_user(is_staff=True), Scope.DISPATCH, Scope.ADMIN)

    lowered = caller_of(owner, Scope.DISPATCH).patch(address, {"priority": 200})
    refused = caller_of(owner, Scope.DISPATCH).patch(address, {"priority": 50})
    raised = staff.patch(address, {"priority": 50})

    assert (lowered.json()["priority"], raised.json()["priority"]) == (200, 50)
    assert_problem(refused, 422, "invalid-input")
    run.refresh_from_db()
    assert run.priority == 50


@pytest.mark.parametrize(("what", "method"), [("cancel/", "post"), ("retry/", "post"), ("", "patch")])
def test_only_who_asked_changes_a_campaign(anonymous: Caller, what: str, method: str) -> None:
    [run] = make_runs(requested_by=make_user())
    address, message = f"campaigns/{run.campaign_id}/{what}", {"priority": 150}
    before = row_counts()

    strangers = [caller_of(make_user(), scope) for scope in (Scope.DISPATCH, Scope.READ)]
    answers = [getattr(caller, method)(address, message) for caller in (anonymous, *strangers)]

    assert_problem(answers[0], 401, "not-authenticated")
    assert_problem(answers[1], 403, "not-allowed")
    assert_problem(answers[2], 403, "permission-denied")
    assert row_counts()["runs.Run"] == before["runs.Run"]
    run.refresh_from_db()
    assert (run.state, run.priority) == ("queued", 100)


def test_owner_cancels_a_run_and_it_stays_cancelled() -> None:
    user = make_user()
    [run] = make_runs(requested_by=user)
    caller = caller_of(user, Scope.DISPATCH)

    answers = [caller.delete(f"runs/{run.pk}/") for _ in range(2)]

    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(200, "cancelled")] * 2


def test_somebody_else_may_not_cancel_a_run() -> None:
    [run] = make_runs(requested_by=make_user())

    problem = assert_problem(caller_of(make_user(), Scope.DISPATCH).delete(f"runs/{run.pk}/"), 403, "not-allowed")

    run.refresh_from_db()
    assert "asked for" in problem.detail
    assert run.state == "queued"


def test_anonymous_may_not_cancel_a_run(anonymous: Caller) -> None:
    [run] = make_runs(requested_by=make_user())

    assert_problem(anonymous.delete(f"runs/{run.pk}/"), 401, "not-authenticated")


def test_cancelling_what_is_not_there_is_a_404() -> None:
    assert_problem(caller_of(make_user(), Scope.DISPATCH).delete("runs/0/"), 404, "not-found")
