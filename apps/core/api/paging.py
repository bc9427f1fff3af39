"""Cursor paging over a stable order: pages neither repeat nor skip rows while new ones arrive."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.request import Request

from apps.core.api.parameters import integer
from apps.core.errors import UserError
from apps.core.prepared import prepared

Fields = Mapping[str, str]
"""Public name of a field to its path in the ORM."""

PAGE_PARAMETERS = ("limit", "cursor")
DEFAULT_LIMIT = 50
MAX_LIMIT = 1000
_ROW_ID = ""
"""No public name."""


@dataclass(frozen=True)
class Page:
    rows: list[dict[str, Any]]
    next: str | None


def rows_as(queryset: QuerySet[Any], fields: Fields) -> list[dict[str, Any]]:
    """The queryset's rows as plain dicts under public names, without an instance or a serializer per row."""
    names = list(fields)
    return [dict(zip(names, row, strict=True)) for row in prepared(queryset.values_list(*fields.values()))]


def page_by_id(
    request: HttpRequest | Request, rows: QuerySet[Any], fields: Fields, *, newest_first: bool = False
) -> Page:
    """One page of rows under public names, in the order of their rows. Raises UserError for a cursor that is not ours.

    What the public name `id` stands for may be something else than the row's own.
    """
    limit = integer(request.GET, "limit", DEFAULT_LIMIT, low=1, high=MAX_LIMIT)
    rows = rows.order_by("-id" if newest_first else "id")
    if cursor := request.GET.get("cursor"):
        after = _decode(cursor)
        rows = rows.filter(id__lt=after) if newest_first else rows.filter(id__gt=after)
    found = rows_as(rows[: limit + 1], {_ROW_ID: "id", **fields})
    ids = [row.pop(_ROW_ID) for row in found]
    if len(found) <= limit:
        return Page(found, None)
    query = {**request.GET.dict(), "cursor": _encode(ids[limit - 1])}
    return Page(found[:limit], request.build_absolute_uri(f"{request.path}?{urlencode(query)}"))


def _encode(row_id: int) -> str:
    return base64.urlsafe_b64encode(str(row_id).encode()).decode().rstrip("=")


def _decode(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode())
    except (ValueError, binascii.Error):
        message = "The cursor is not valid: take it from the `next` address of the page before, unchanged."
        raise UserError(message, [{"field": "cursor", "message": message}]) from None


def same(*names: str) -> dict[str, str]:
    """Fields whose public name is their own."""
    return {name: name for name in names}
