"""Invitations: the only way to an account, except for the owner's."""

import hmac
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from apps.accounts.actions.audit import record_audit
from apps.accounts.models import Invitation, User
from apps.core.errors import InvalidInput, NotAllowed, NotFound
from apps.core.tokens import new_secret, split_token

INVITATION_PREFIX = "zbi"
INVITATION_LIFE = timedelta(days=7)

REFUSED = (
    "This invitation is used, expired, withdrawn or not copied as a whole: ask whoever invited you for another one."
)


class InvitationRefused(NotAllowed):
    type = "invitation-refused"
    title = "The invitation cannot be used"


@transaction.atomic
def create_invitation(*, email: str, by: User, at: datetime) -> str:
    """The secret of a one-time link. The answer is the only time it is seen. Raises NotAllowed."""
    check_may_invite(by)
    secret = new_secret(INVITATION_PREFIX)
    Invitation.objects.create(
        public_id=secret.public_id,
        digest=secret.digest,
        email=email,
        invited_by=by,
        created_at=at,
        expires_at=at + INVITATION_LIFE,
    )
    record_audit(actor=by, action="invitation.create", subject=secret.public_id, at=at)
    return secret.token


@transaction.atomic
def revoke_invitation(*, public_id: str, by: User, at: datetime) -> None:
    """Refuse an unused link from now on. Raises NotAllowed, NotFound."""
    check_may_invite(by)
    invitations = Invitation.objects.filter(public_id=public_id)
    if invitations.filter(used_at=None, revoked_at=None).update(revoked_at=at):
        record_audit(actor=by, action="invitation.revoke", subject=public_id, at=at)
    elif not invitations.exists():
        raise NotFound("There is no such invitation.")


def find_invitation(link: str, *, at: datetime) -> Invitation:
    """Raises InvitationRefused, which says the same of a link that is wrong, used, expired or revoked."""
    parts = split_token(link, INVITATION_PREFIX)
    if parts is not None:
        public_id, digest = parts
        found = Invitation.objects.usable(at=at).filter(public_id=public_id).first()
        if found is not None and hmac.compare_digest(found.digest, digest):
            return found
    raise InvitationRefused(REFUSED)


@transaction.atomic
def accept_invitation(*, link: str, username: str, email: str, password: str, at: datetime) -> User:
    """The account that an invitation becomes. Raises InvitationRefused, and InvalidInput for a name that is taken."""
    invitation = find_invitation(link, at=at)
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, email, password)
    except IntegrityError:
        raise InvalidInput(f"The user name {username} is taken: choose another one.") from None
    if Invitation.objects.usable(at=at).filter(pk=invitation.pk).update(used_at=at, user=user) != 1:
        # Somebody was first with the same link.
        raise InvitationRefused(REFUSED)
    record_audit(actor=user, action="invitation.accept", subject=invitation.public_id, at=at, username=username)
    return user


def check_may_invite(user: User) -> None:
    if not user.is_staff:
        raise NotAllowed("Only administrators invite people.")
