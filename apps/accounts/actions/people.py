"""Accounts: the owner's, what people change of their own, and what ends one."""

from datetime import datetime

from django.db import transaction

from apps.accounts.actions.audit import record_audit
from apps.accounts.models import User
from apps.core.errors import Conflict, NotAllowed

PROFILE_FIELDS = ("first_name", "last_name", "email")


class LastAdministrator(Conflict):
    type = "last-administrator"
    title = "The last administrator"


@transaction.atomic
def ensure_owner(*, username: str, at: datetime) -> User:
    """The account that owns this installation, created without a password where it is missing."""
    user, created = User.objects.get_or_create(username=username, defaults={"is_staff": True, "is_superuser": True})
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        record_audit(actor=user, action="account.create", subject=username, at=at)
    return user


@transaction.atomic
def change_profile(*, user: User, first_name: str, last_name: str, email: str, at: datetime) -> None:
    """The audit log notes which fields changed, not what they say: people may take their names away again."""
    after = {"first_name": first_name, "last_name": last_name, "email": email}
    changed = [field for field in PROFILE_FIELDS if getattr(user, field) != after[field]]
    if changed:
        User.objects.filter(pk=user.pk).update(**after)
        record_audit(actor=user, action="account.change", subject=user.username, at=at, fields=changed)


@transaction.atomic
def deactivate_user(*, user: User, by: User, at: datetime) -> None:
    """End an account: nobody logs in with it, and its tokens are refused. What it measured stays.

    Raises: NotAllowed for anybody but the user and administrators, LastAdministrator.
    """
    if user.pk != by.pk and not may_administer(by, user):
        raise NotAllowed("Only an administrator may end somebody else's account.")
    # One after the other, so that the last two administrators cannot end each other.
    owners = list(User.objects.select_for_update().filter(is_superuser=True, is_active=True).order_by("pk"))
    if owners == [user]:
        raise LastAdministrator("This is the only account that administers the site: make another one first.")
    if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        record_audit(actor=by, action="account.deactivate", subject=user.username, at=at)


@transaction.atomic
def reactivate_user(*, user: User, by: User, at: datetime) -> None:
    """Raises NotAllowed."""
    if not may_administer(by, user):
        raise NotAllowed("Only an administrator may open an account again.")
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        record_audit(actor=by, action="account.reactivate", subject=user.username, at=at)


def may_administer(by: User, user: User) -> bool:
    """Staff administer visitors; only a superuser administers staff."""
    return by.is_superuser or (by.is_staff and not (user.is_staff or user.is_superuser))
