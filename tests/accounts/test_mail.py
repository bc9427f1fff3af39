"""Mails: who gets a link, and that asking often sends one."""

from collections.abc import Iterator

import pytest
from django.core import mail as outgoing
from django.core.cache import cache
from django.test.utils import override_settings

from apps.accounts.mail import send_invitation
from apps.accounts.models import User
from apps.accounts.tasks import send_reset_links
from tests.factories import make_user

NOBODY_THERE = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "unix:///nowhere/redis.sock"}
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_sent_before() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def somebody(**fields: object) -> User:
    user = make_user()
    user.set_password("a long password")
    for name, value in {"email": "ada@example.org", **fields}.items():
        setattr(user, name, value)
    user.save()
    return user


def test_reset_mail_names_the_account_and_the_sites_own_address() -> None:
    user = somebody()

    send_reset_links("Ada@example.org")

    [sent] = outgoing.outbox
    assert sent.to == ["ada@example.org"]
    assert user.username in sent.body
    assert "http://127.0.0.1:8000/login/reset/" in sent.body


def test_closed_account_and_unknown_address_get_no_mail() -> None:
    somebody(is_active=False)

    send_reset_links("ada@example.org")
    send_reset_links("nobody@example.org")

    assert outgoing.outbox == []


def test_one_address_gets_one_mail_however_often_somebody_asks() -> None:
    somebody()

    for address in ("ada@example.org", "ADA@example.org", "ada@example.org"):
        send_reset_links(address)

    assert len(outgoing.outbox) == 1


def test_mail_is_sent_while_redis_is_away() -> None:
    somebody()

    with override_settings(CACHES=NOBODY_THERE):
        send_reset_links("ada@example.org")

    assert len(outgoing.outbox) == 1


def test_invitation_says_who_invites_and_carries_the_link() -> None:
    send_invitation(email="new@example.org", url="http://127.0.0.1:8000/invitations/x", by=make_user("grace"))

    [sent] = outgoing.outbox
    assert "grace invites you" in sent.body
    assert "http://127.0.0.1:8000/invitations/x\n" in sent.body
