"""Cursor paging over a stable order: pages neither repeat nor skip rows while new ones arrive."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, QueryDict
from rest_framework.request import Request

from apps.core.api.parameters import integer, one_of, refused
from apps.core.prepared import Written, prepared, prepared_again

Fields = Mapping[str, str]
"""Public name of a field to its path in the ORM."""

PAGE_PARAMETERS = ("limit", "cursor")
DEFAULT_LIMIT = 50
MAX_LIMIT = 1000


@dataclass(frozen=True)
class Page:
    rows: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True)
class Order:
    """By the value at `path`, then by id, so that no two rows have the same place. Missing values come last."""

    said: str
    path: str
    is_descending: bool

    def place(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        by_id = "-id" if self.is_descending else "id"
        if self.path == "id":
            return rows.order_by(by_id)
        value = F(self.path)
        by_value = value.desc(nulls_last=True) if self.is_descending else value.asc(nulls_last=True)
        return rows.order_by(by_value, by_id)

    def after(self, rows: QuerySet[Any], value: Any, row_id: int) -> QuerySet[Any]:
        """The rows whose place is behind that of this value and id."""
        beyond = "lt" if self.is_descending else "gt"
        of_same_value = Q(**{f"id__{beyond}": row_id})
        if self.path == "id":
            return rows.filter(of_same_value)
        is_missing = Q(**{f"{self.path}__isnull": True})
        if value is None:
            return rows.filter(is_missing & of_same_value)
        is_beyond = Q(**{f"{self.path}__{beyond}": value})
        return rows.filter(is_beyond | (Q(**{self.path: value}) & of_same_value) | is_missing)


OLDEST_FIRST = Order("id", "id", False)
NEWEST_FIRST = Order("-id", "id", True)


def read_order(query: QueryDict, sortable: Fields, default: Order) -> Order:
    """`sort=name` or `sort=-name`. Raises UserError that names the valid ones."""
    said = one_of(query, "sort", [*sortable, *(f"-{name}" for name in sortable)])
    if said is None:
        return default
    return Order(said, sortable[said.removeprefix("-")], said.startswith("-"))


def rows_as(queryset: QuerySet[Any], fields: Fields) -> list[dict[str, Any]]:
    """The queryset's rows as plain dicts under public names, without an instance or a serializer per row."""
    names = list(fields)
    return [dict(zip(names, row, strict=True)) for row in prepared(queryset.values_list(*fields.values()))]


def page_of(
    request: HttpRequest | Request,
    rows: Callable[[], QuerySet[Any]],
    fields: Fields,
    order: Order = OLDEST_FIRST,
    *,
    key: tuple[Hashable, ...] = (),
) -> Page:
    """One page of rows under public names. Raises UserError for a cursor that is not ours.

    `key` says all that the rows depend on, whoever asks: then a first page's statement is written once.
    """
    limit = read_limit(request.GET)
    # A row's place goes along behind its fields, for the cursor.
    paths = (*fields.values(), order.path, "id")

    def written() -> QuerySet[Any, tuple[Any, ...]]:
        return from_cursor(request, rows(), order).values_list(*paths)[: limit + 1]

    is_again = key and "cursor" not in request.GET
    found = prepared_again(Written((*key, order, limit), written)) if is_again else prepared(written())
    names = list(fields)
    page = [dict(zip(names, row, strict=False)) for row in found[:limit]]
    if len(found) <= limit:
        return Page(page, None)
    value, row_id = found[limit - 1][-2:]
    said = None if value is None else str(value)
    query = {**request.GET.dict(), "cursor": _signer(request, order).sign_object([said, row_id])}
    return Page(page, request.build_absolute_uri(f"{request.path}?{urlencode(query)}"))


def from_cursor(request: HttpRequest | Request, rows: QuerySet[Any], order: Order) -> QuerySet[Any]:
    """The rows in their order, those behind the address's cursor where it has one."""
    rows = order.place(rows)
    cursor = request.GET.get("cursor")
    if not cursor:
        return rows
    try:
        value, row_id = _signer(request, order).unsign_object(cursor)
    except (BadSignature, ValueError):
        message = (
            "The cursor is not valid: take it from the `next` address of the page before, and leave `sort` as it is."
        )
        raise refused("cursor", message) from None
    return order.after(rows, value, row_id)


def read_limit(query: QueryDict) -> int:
    return integer(query, "limit", DEFAULT_LIMIT, low=1, high=MAX_LIMIT)


def _signer(request: HttpRequest | Request, order: Order) -> Signer:
    """A cursor is good for one list in one order, so that what it says need not be checked again."""
    return Signer(salt=f"cursor {request.path} {order.said}")


def same(*names: str) -> dict[str, str]:
    """Fields whose public name is their own."""
    return {name: name for name in names}


def sortable_fields(fields: Fields, names: Collection[str]) -> dict[str, str]:
    return {"id": "id"} | {name: fields[name] for name in names if name in fields}
