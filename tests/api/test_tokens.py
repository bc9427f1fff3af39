"""One's own API tokens over REST: made once, listed without their secret, ended."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import throttling
from apps.accounts.actions import create_token
from apps.accounts.api import schema
from apps.accounts.models import AuditEntry, Scope, Token, User
from tests.api.calls import Caller, assert_problem
from tests.factories import NOW, make_campaign, make_user

pytestmark = pytest.mark.usefixtures("catalogue")

ASKED = {"name": "notebook", "scopes": ["read", "dispatch"]}


def session_of(user: User) -> Caller:
    client = Client()
    client.force_login(user)
    return Caller(client=client)


def token_of(user: User, *scopes: Scope) -> Caller:
    return Caller(create_token(user=user, name="test", scopes=scopes, at=NOW, life=None))


def test_token_is_shown_once_and_works() -> None:
    session = session_of(make_user())

    made = session.post("tokens/", ASKED)

    new = schema.NewToken.model_validate_json(made.content)
    assert (made.status_code, new.scopes) == (201, ["read", "dispatch"])
    assert Caller(new.token).get("tokens/").json()["results"][0]["public_id"] == new.public_id
    assert new.token.encode() not in session.get("tokens/").content
    assert AuditEntry.objects.filter(action="token.create", subject=new.public_id).count() == 1


@pytest.mark.parametrize(("life_days", "days"), [(7, 7), (None, None)])
def test_life_is_as_asked(life_days: int | None, days: int | None) -> None:
    answer = session_of(make_user()).post("tokens/", ASKED | {"life_days": life_days}).json()

    expires_at = answer["expires_at"] and datetime.fromisoformat(answer["expires_at"])
    assert expires_at == (datetime.fromisoformat(answer["created_at"]) + timedelta(days=days) if days else None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"life_days": 0}, "life_days"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_mistake_is_a_422_that_names_the_field(change: dict[str, Any], field: str) -> None:
    problem = assert_problem(session_of(make_user()).post("tokens/", ASKED | change), 422, "invalid-input")

    assert [error.field for error in problem.errors] == [field]
    assert Token.objects.count() == 0


def test_scope_admin_is_for_administrators() -> None:
    asked = ASKED | {"scopes": ["admin"]}

    assert_problem(session_of(make_user()).post("tokens/", asked), 403, "not-allowed")
    assert session_of(make_user(is_staff=True)).post("tokens/", asked).status_code == 201


def test_token_that_may_not_administer_makes_no_other() -> None:
    assert_problem(token_of(make_user(), Scope.READ, Scope.DISPATCH).post("tokens/", ASKED), 403, "permission-denied")


def test_list_has_ones_own_tokens_alone() -> None:
    mine, other = make_user(), make_user()
    token_of(other, Scope.READ)

    rows = token_of(mine, Scope.READ).get("tokens/").json()["results"]

    assert [row["public_id"] for row in rows] == list(mine.tokens.values_list("public_id", flat=True))


def test_ended_token_is_refused_from_the_next_call_on() -> None:
    user = make_user()
    session, caller = session_of(user), token_of(user, Scope.READ)
    public_id = Token.objects.get(user=user).public_id

    assert session.delete(f"tokens/{public_id}/").status_code == 204

    assert_problem(caller.get("models/"), 401, "authentication-failed")
    assert session.delete(f"tokens/{public_id}/").status_code == 204
    assert session.get("tokens/").json()["results"][0]["revoked_at"] is not None


def test_token_of_somebody_else_is_a_404() -> None:
    token_of(make_user(), Scope.READ)

    assert session_of(make_user()).delete(f"tokens/{Token.objects.get().public_id}/").status_code == 404


def test_administrators_token_without_the_scope_is_no_administrator() -> None:
    campaign = make_campaign(requested_by=make_user())
    staff = make_user(is_staff=True)

    refused = token_of(staff, Scope.DISPATCH).post(f"campaigns/{campaign.pk}/cancel/", {})
    allowed = token_of(staff, Scope.DISPATCH, Scope.ADMIN).post(f"campaigns/{campaign.pk}/cancel/", {})

    assert (refused.status_code, allowed.status_code) == (403, 200)
    staff.refresh_from_db()
    assert staff.is_staff


def test_token_that_calls_too_often_is_told_when_to_try_again(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TOKEN_CALLS_PER_MIN = {"reads": 2, "writes": 1}
    clock = [600.0]
    monkeypatch.setattr(throttling.PerToken, "timer", staticmethod(lambda: clock[0] + 15))
    user = make_user()
    caller, other = token_of(user, Scope.READ), token_of(user, Scope.READ)

    assert [caller.get("models/").status_code for _ in range(3)] == [200, 200, 429]

    refused = caller.get("models/")
    assert_problem(refused, 429, "throttled")
    assert refused["Retry-After"] == "45"
    assert other.get("models/").status_code == 200
    assert Caller().get("models/").status_code == 200
    clock[0] += 60
    assert caller.get("models/").status_code == 200


def test_reads_and_writes_are_counted_apart(settings: Any) -> None:
    settings.TOKEN_CALLS_PER_MIN = {"reads": 100, "writes": 1}
    caller = token_of(make_user(), Scope.READ, Scope.DISPATCH)

    statuses = [caller.post("campaigns/", {}).status_code for _ in range(2)]

    assert statuses == [422, 429]
    assert caller.get("models/").status_code == 200


def test_calls_are_let_through_while_there_is_no_cache_to_count_in(settings: Any) -> None:
    settings.TOKEN_CALLS_PER_MIN = {"reads": 0, "writes": 0}
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }

    assert token_of(make_user(), Scope.READ).get("models/").status_code == 200


def test_last_use_is_noted() -> None:
    caller = token_of(make_user(), Scope.READ)

    caller.get("models/")

    [row] = caller.get("tokens/").json()["results"]
    assert abs(datetime.fromisoformat(row["last_used_at"]) - timezone.now()) < timedelta(minutes=1)
