"""Invitations: one-time, expiring, and stored as digests."""

from datetime import timedelta

import pytest

from apps.accounts.actions import (
    InvitationRefused,
    accept_invitation,
    create_invitation,
    find_invitation,
    revoke_invitation,
)
from apps.accounts.models import AuditEntry, Invitation, User
from apps.core.errors import InvalidInput, NotAllowed, NotFound
from apps.core.tokens import new_secret
from tests.factories import NOW, make_user

LATER = NOW + timedelta(days=1)

pytestmark = pytest.mark.django_db


def invite() -> str:
    return create_invitation(email="new@example.org", by=make_user(is_staff=True), at=NOW)


def accept(link: str, username: str = "new") -> User:
    return accept_invitation(
        link=link, username=username, email="new@example.org", password="a long password", at=LATER
    )


def test_link_becomes_an_account_that_may_administer_nothing() -> None:
    user = accept(invite())

    invitation = Invitation.objects.get()
    assert (invitation.user, invitation.used_at, invitation.state(at=LATER)) == (user, LATER, "used")
    assert user.check_password("a long password")
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_link_works_once() -> None:
    link = invite()
    accept(link)

    with pytest.raises(InvitationRefused, match="another one"):
        accept(link, "second")

    assert not User.objects.filter(username="second").exists()


def test_name_that_is_taken_leaves_the_link_good() -> None:
    link = invite()
    make_user("new")

    with pytest.raises(InvalidInput, match="taken"):
        accept(link)

    assert accept(link, "other").username == "other"


def test_link_ends_after_a_week() -> None:
    link = invite()

    assert find_invitation(link, at=NOW + timedelta(days=6, hours=23))
    with pytest.raises(InvitationRefused):
        find_invitation(link, at=NOW + timedelta(days=7))
    assert Invitation.objects.get().state(at=NOW + timedelta(days=7)) == "expired"


def test_withdrawn_link_is_refused() -> None:
    link = invite()
    invitation = Invitation.objects.get()

    for _ in range(2):
        revoke_invitation(public_id=invitation.public_id, by=invitation.invited_by, at=LATER)

    with pytest.raises(InvitationRefused):
        accept(link)
    assert AuditEntry.objects.filter(action="invitation.revoke").count() == 1
    with pytest.raises(NotFound):
        revoke_invitation(public_id="nosuch", by=invitation.invited_by, at=LATER)


@pytest.mark.parametrize(
    "forge",
    [
        lambda link: link[:-1],
        lambda link: new_secret("zbi").token,
        lambda link: new_secret("zbi", public_id=link.split("_")[1]).token,
        lambda link: link.replace("zbi", "zbt"),
    ],
)
def test_forged_link_is_refused(forge: object) -> None:
    link = invite()
    assert callable(forge)

    with pytest.raises(InvitationRefused):
        accept(forge(link))


def test_secret_is_stored_as_a_digest_only() -> None:
    link = invite()
    accept(link)

    secret = link.split("_", 2)[2]
    rows = [*Invitation.objects.values(), *AuditEntry.objects.values()]
    assert not any(secret in str(value) for row in rows for value in row.values())


def test_only_administrators_invite() -> None:
    with pytest.raises(NotAllowed, match="Only administrators"):
        create_invitation(email="", by=make_user(), at=NOW)
