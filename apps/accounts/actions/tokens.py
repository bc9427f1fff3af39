"""API tokens: making one, and ending it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.actions.audit import record_audit
from apps.accounts.models import Scope, Token, User
from apps.core.errors import NotAllowed, NotFound
from apps.core.tokens import new_secret

TOKEN_PREFIX = "zbt"  # noqa: S105 - a prefix, not a secret
DEFAULT_TOKEN_LIFE = timedelta(days=90)


@transaction.atomic
def create_token(
    *, user: User, name: str, scopes: Sequence[Scope], at: datetime, life: timedelta | None = DEFAULT_TOKEN_LIFE
) -> str:
    """A new API token. The answer is the only time its secret is seen.

    Raises NotAllowed for the scope `admin` of anybody but administrators.
    """
    if Scope.ADMIN in scopes and not user.is_staff:
        raise NotAllowed("The scope `admin` is for administrators: leave it out.")
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


@transaction.atomic
def revoke_token(*, public_id: str, by: User, at: datetime) -> None:
    """Refuse a token from now on; twice is the same as once.

    Raises NotFound for one that is not theirs, as for one that does not exist. Administrators revoke anybody's.
    """
    theirs = Token.objects.filter(public_id=public_id) if by.is_staff else by.tokens.filter(public_id=public_id)
    if theirs.filter(revoked_at=None).update(revoked_at=at):
        record_audit(actor=by, action="token.revoke", subject=public_id, at=at)
    elif not theirs.exists():
        raise NotFound("You have no such API token.")
