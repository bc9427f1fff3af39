"""Who asks: bearer tokens of users for the REST API."""

import hmac
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.accounts.actions import TOKEN_PREFIX
from apps.accounts.models import Scope, Token, User
from apps.core.tokens import split_token

LAST_USED_STEP = timedelta(minutes=1)


def bearer(request: Request) -> str | None:
    """The bearer token of a request, None without one. Raises AuthenticationFailed for a malformed header."""
    words = get_authorization_header(request).split()
    if not words or words[0].lower() != b"bearer":
        return None
    if len(words) != 2:
        raise AuthenticationFailed("Send the header as: Authorization: Bearer TOKEN")
    return words[1].decode("latin-1")


def find_token(text: str) -> Token | None:
    """The token with its user; None for one that is wrong, expired or revoked, or whose user's account is closed."""
    parts = split_token(text, TOKEN_PREFIX)
    if parts is None:
        return None
    public_id, secret_digest = parts
    token = Token.objects.usable(at=timezone.now()).select_related("user").filter(public_id=public_id).first()
    return token if token and hmac.compare_digest(token.digest, secret_digest) else None


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        text = bearer(request)
        if text is None:
            return None
        now = timezone.now()
        token = find_token(text)
        if token is None:
            raise AuthenticationFailed("This token is wrong, expired or revoked: create a new one and use that.")
        if str(Scope.ADMIN) not in token.scopes:
            # For this call its user is no administrator, so that what asks for one need not ask for scopes, too.
            token.user.is_staff = token.user.is_superuser = False
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_STEP)
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="zooboard"'
