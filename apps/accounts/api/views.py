"""One's own API tokens over REST."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.actions import create_token, revoke_token
from apps.accounts.api import schema
from apps.accounts.models import Scope, Token, User
from apps.accounts.permissions import MayMakeTokens, MaySeeTokens, has_scope
from apps.core.api.errors import parse
from apps.core.api.listing import described
from apps.core.api.lists import ListView
from apps.core.api.paging import rows_as, same
from apps.core.api.schema import problems
from apps.core.api.views import ApiView
from apps.core.errors import NotAllowed
from apps.core.tokens import public_id_of

FIELDS = same(
    "id", "public_id", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at",
)  # fmt: skip


@described("tokens", tag="accounts", statuses=(401, 403))
class TokensView(ListView):
    """Your API tokens. Making one takes a log-in: a token makes others only with the scope `admin`."""

    permission_classes = [MaySeeTokens, MayMakeTokens]
    page = schema.TokenPage
    fields = FIELDS
    ranges = ("created_at", "expires_at", "last_used_at", "revoked_at")
    sorts = ("name", *ranges)

    def rows(self) -> QuerySet[Any]:
        return Token.objects.filter(user=calling_user(self.request))

    @extend_schema(
        request=schema.TokenRequest,
        responses={201: schema.NewToken, **problems(400, 401, 403, 422)},
        tags=["accounts"],
    )
    def post(self, request: Request) -> Response:
        message = parse(schema.TokenRequest, request.data)
        life = timedelta(days=message.life_days) if message.life_days else None
        scopes = list(dict.fromkeys(message.scopes))
        token = create_token(user=calling_user(request), name=message.name, scopes=scopes, life=life, at=timezone.now())
        [row] = rows_as(Token.objects.filter(public_id=public_id_of(token)), FIELDS)
        return Response(row | {"token": token}, status=201)


class TokenView(ApiView):
    """One of your tokens."""

    permission_classes = [MaySeeTokens]

    @extend_schema(responses={204: None, **problems(401, 403, 404)}, tags=["accounts"])
    def delete(self, request: Request, public_id: str) -> Response:
        """Refuse it from now on. A token may end itself; others only with the scope `admin`."""
        user = calling_user(request)
        is_itself = isinstance(request.auth, Token) and request.auth.public_id == public_id
        if not is_itself and isinstance(request.auth, Token) and not has_scope(request, Scope.ADMIN):
            raise NotAllowed("A token may end itself alone: log in to end another one.")
        revoke_token(public_id=public_id, by=user, at=timezone.now())
        return Response(status=204)


def calling_user(request: Request) -> User:
    assert isinstance(request.user, User), "MaySeeTokens lets nobody else through"
    return request.user
