"""Shapes of the answers about API tokens, and of what makes one."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from apps.accounts.models import Scope
from apps.core.api.schema import Page, Shape

MAX_LIFE_DAYS = 3650


class TokenRow(Shape):
    """`last_used_at` is good to a minute. `expires_at` is null for a token without an end. Never the secret."""

    id: int
    public_id: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenPage(Page):
    results: list[TokenRow]


class NewToken(TokenRow):
    """`token` is in this answer only: the site keeps its digest."""

    token: str


class TokenRequest(BaseModel):
    """`POST /api/v1/tokens/`. `life_days` null makes a token without an end."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    life_days: Annotated[int, Field(ge=1, le=MAX_LIFE_DAYS)] | None = 90
