"""What people change of their account, and who ends one."""

import io

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.utils import timezone

from apps.accounts.actions import (
    LastAdministrator,
    change_profile,
    create_token,
    deactivate_user,
    ensure_owner,
    reactivate_user,
    revoke_token,
)
from apps.accounts.models import AuditEntry, Scope, Token
from apps.core.errors import NotAllowed, NotFound
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db


def actions_of(subject: str) -> list[str]:
    return list(AuditEntry.objects.filter(subject=subject).order_by("id").values_list("action", flat=True))


def test_profile_is_changed_and_the_log_does_not_keep_what_it_said() -> None:
    user = make_user()

    for _ in range(2):
        change_profile(user=user, first_name="Ada", last_name="", email="ada@example.org", at=NOW)
        user.refresh_from_db()

    [entry] = AuditEntry.objects.filter(action="account.change")
    assert user.email == "ada@example.org"
    assert entry.detail == {"fields": ["first_name", "email"]}


def test_closed_account_logs_nobody_in_and_its_tokens_are_refused() -> None:
    user = make_user()
    user.set_password("a long password")
    user.save()
    create_token(user=user, name="t", scopes=[Scope.READ], at=timezone.now())

    for _ in range(2):
        deactivate_user(user=user, by=user, at=NOW)

    assert (
        authenticate(request=RequestFactory().post("/login"), username=user.username, password="a long password")
        is None
    )
    assert not Token.objects.usable(at=timezone.now()).exists()
    assert actions_of(user.username) == ["account.deactivate"]


def test_only_administrators_close_and_open_the_accounts_of_others() -> None:
    somebody, other, staff = make_user(), make_user(), make_user(is_staff=True)

    with pytest.raises(NotAllowed):
        deactivate_user(user=somebody, by=other, at=NOW)
    with pytest.raises(NotAllowed):
        reactivate_user(user=somebody, by=other, at=NOW)
    deactivate_user(user=somebody, by=staff, at=NOW)
    reactivate_user(user=somebody, by=staff, at=NOW)

    assert actions_of(somebody.username) == ["account.deactivate", "account.reactivate"]


def test_staff_do_not_close_each_others_accounts() -> None:
    staff, other = make_user(is_staff=True), make_user(is_staff=True)

    with pytest.raises(NotAllowed):
        deactivate_user(user=other, by=staff, at=NOW)


def test_last_administrator_stays() -> None:
    owner = ensure_owner(username="owner", at=NOW)

    with pytest.raises(LastAdministrator, match="another one first"):
        deactivate_user(user=owner, by=owner, at=NOW)

    ensure_owner(username="second", at=NOW)
    deactivate_user(user=owner, by=owner, at=NOW)
    assert actions_of("owner") == ["account.create", "account.deactivate"]


def test_token_is_revoked_by_its_user_or_an_administrator_only() -> None:
    user = make_user()
    create_token(user=user, name="t", scopes=[Scope.READ], at=NOW)
    token = Token.objects.get()

    with pytest.raises(NotFound):
        revoke_token(public_id=token.public_id, by=make_user(), at=NOW)
    for by in (user, make_user(is_staff=True)):
        revoke_token(public_id=token.public_id, by=by, at=NOW)

    token.refresh_from_db()
    assert token.state(at=NOW) == "revoked"
    assert actions_of(token.public_id) == ["token.create", "token.revoke"]


def test_command_prints_a_link_for_a_new_password() -> None:
    user, out = make_user(), io.StringIO()

    call_command("reset_link", user.username, stdout=out)

    assert out.getvalue().startswith("http://127.0.0.1:8000/login/reset/")
    assert actions_of(user.username) == ["account.reset-link"]
    with pytest.raises(CommandError, match="no active user 'nobody'"):
        call_command("reset_link", "nobody")
