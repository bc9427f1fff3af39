from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from apps.accounts.actions import create_token
from apps.accounts.authentication import TokenAuthentication
from apps.accounts.models import AuditEntry, Scope, Token, User
from apps.accounts.permissions import MayAdminister, MayDispatch
from apps.core.tokens import digest
from tests.factories import make_user

pytestmark = pytest.mark.django_db

SCOPES = [Scope.READ, Scope.DISPATCH]


def _request(token: str | None, *, method: str = "POST", scheme: str = "Bearer") -> Request:
    headers = {} if token is None else {"Authorization": f"{scheme} {token}"}
    return Request(APIRequestFactory(headers=headers).generic(method, "/"))


def _authenticate(token: str | None) -> tuple[User, Token] | None:
    return TokenAuthentication().authenticate(_request(token))


def _is_allowed(permission: Any, request: Request, user: User, token: Token | None) -> bool:
    request.user, request.auth = user, token
    return bool(permission.has_permission(request, None))


def test_token_authenticates_its_user() -> None:
    user = make_user()
    text = create_token(user=user, name="t", scopes=SCOPES, at=timezone.now())

    found = _authenticate(text)

    assert found is not None
    assert found[0] == user
    assert found[1].scopes == ["read", "dispatch"]


def test_token_is_stored_as_a_digest_only() -> None:
    text = create_token(user=make_user(), name="t", scopes=SCOPES, at=timezone.now())

    token = Token.objects.get()
    secret = text.removeprefix(f"zbt_{token.public_id}_")
    rows = [*Token.objects.values(), *AuditEntry.objects.values()]
    assert token.digest == digest(secret)
    assert not any(secret in str(value) for row in rows for value in row.values())


def test_token_notes_when_it_was_used() -> None:
    text = create_token(user=make_user(), name="t", scopes=SCOPES, at=timezone.now())

    _authenticate(text)

    assert Token.objects.get().last_used_at is not None


def test_token_that_expired_is_refused() -> None:
    now = timezone.now()
    text = create_token(user=make_user(), name="t", scopes=SCOPES, at=now - timedelta(hours=2), life=timedelta(hours=1))

    with pytest.raises(AuthenticationFailed, match="create a new one"):
        _authenticate(text)


def test_token_without_an_end_does_not_expire() -> None:
    at = timezone.now() - timedelta(days=3650)
    text = create_token(user=make_user(), name="t", scopes=SCOPES, at=at, life=None)

    assert _authenticate(text) is not None


def test_token_that_was_revoked_is_refused() -> None:
    text = create_token(user=make_user(), name="t", scopes=SCOPES, at=timezone.now())
    Token.objects.update(revoked_at=timezone.now())

    with pytest.raises(AuthenticationFailed):
        _authenticate(text)


def test_token_of_an_inactive_user_is_refused() -> None:
    user = make_user()
    text = create_token(user=user, name="t", scopes=SCOPES, at=timezone.now())
    User.objects.filter(pk=user.pk).update(is_active=False)

    with pytest.raises(AuthenticationFailed):
        _authenticate(text)


def test_token_with_another_secret_is_refused() -> None:
    text = create_token(user=make_user(), name="t", scopes=SCOPES, at=timezone.now())

    with pytest.raises(AuthenticationFailed):
        _authenticate(text[:-1] + ("a" if text[-1] != "a" else "b"))


@pytest.mark.parametrize("text", ["zbt_", "zbt__", "zbt_unknown", "zba_abc_def", "two words"])
def test_token_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(AuthenticationFailed):
        _authenticate(text)


def test_request_without_a_bearer_token_is_left_to_others() -> None:
    assert _authenticate(None) is None
    assert TokenAuthentication().authenticate(_request("abc", scheme="Basic")) is None


@pytest.mark.parametrize(
    ("scopes", "is_staff", "may_dispatch", "may_administer"),
    [
        ([], True, False, False),
        ([Scope.READ, Scope.SUBMIT], True, False, False),
        ([Scope.DISPATCH], False, True, False),
        ([Scope.ADMIN], True, False, True),
        ([Scope.ADMIN], False, False, False),
    ],
)
def test_token_may_do_what_its_scopes_say(
    scopes: list[Scope], is_staff: bool, may_dispatch: bool, may_administer: bool
) -> None:
    # Staff when the token was made, whatever came later.
    user = make_user(is_staff=True)
    create_token(user=user, name="t", scopes=scopes, at=timezone.now())
    token = Token.objects.get()
    user.is_staff = is_staff

    assert _is_allowed(MayDispatch(), _request(None), user, token) is may_dispatch
    assert _is_allowed(MayAdminister(), _request(None), user, token) is may_administer


def test_browser_session_may_do_what_its_user_may() -> None:
    visitor, staff = make_user(), make_user(is_staff=True)

    assert _is_allowed(MayDispatch(), _request(None), visitor, None)
    assert not _is_allowed(MayAdminister(), _request(None), visitor, None)
    assert _is_allowed(MayAdminister(), _request(None), staff, None)


def test_anybody_may_read() -> None:
    request = _request(None, method="GET")

    assert MayDispatch().has_permission(request, None)  # type: ignore[arg-type]
    assert MayAdminister().has_permission(request, None)  # type: ignore[arg-type]
