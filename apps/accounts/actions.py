"""What changes accounts, tokens and the audit log."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.accounts.models import AuditEntry, Scope, Token, User
from apps.core.tokens import new_secret

TOKEN_PREFIX = "zbt"  # noqa: S105 - a prefix, not a secret
DEFAULT_TOKEN_LIFE = timedelta(days=90)


def record_audit(*, actor: User | None, action: str, subject: str, at: datetime, **detail: Any) -> None:
    AuditEntry.objects.create(at=at, actor=actor, action=action, subject=subject, detail=detail)


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
def create_token(
    *, user: User, name: str, scopes: Sequence[Scope], at: datetime, life: timedelta | None = DEFAULT_TOKEN_LIFE
) -> str:
    """A new API token. The answer is the only time its secret is seen."""
    secret = new_secret(TOKEN_PREFIX)
    Token.objects.create(
        public_id=secret.public_id,
        digest=secret.digest,
        user=user,
        name=name,
        scopes=[str(scope) for scope in scopes],
        created_at=at,
        expires_at=at + life if life else None,
    )
    record_audit(actor=user, action="token.create", subject=secret.public_id, at=at, scopes=list(map(str, scopes)))
    return secret.token
