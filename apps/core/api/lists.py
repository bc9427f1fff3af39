"""A list of the API: filtered, in an order, a page of it as JSON or all of it as a file, with the fields asked for."""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, ClassVar, get_args

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.answers import (
    JSON,
    SHAPE_PARAMETERS,
    read_fields,
    read_format,
    sparse,
    table_answer,
)
from apps.core.api.conditional import etag_of, kept_while, shape_sha256, unchanged
from apps.core.api.filters import Choice, Filters, Range, kept
from apps.core.api.flat import field_kind, table_columns, table_row
from apps.core.api.paging import (
    OLDEST_FIRST,
    PAGE_PARAMETERS,
    Fields,
    Order,
    from_cursor,
    page_of,
    read_limit,
    read_order,
    sortable_fields,
)
from apps.core.api.parameters import check_known
from apps.core.api.schema import Page, Shape
from apps.core.api.views import ApiView
from apps.core.tables import CHUNK_ROWS


class ListView(ApiView):
    """`page` says the shape of a row, `fields` where each of its values comes from.

    `choices` and `ranges` are what rows can be filtered by; both, and `sorts`, are what they can be ordered by.
    `since` leads to the time of a row's last change.
    """

    takes_parameters: tuple[str, ...] = ("GET",)
    page: ClassVar[type[Page]]
    fields: ClassVar[Fields]
    choices: ClassVar[Mapping[str, Choice]] = {}
    ranges: ClassVar[tuple[str, ...]] = ()
    sorts: ClassVar[tuple[str, ...] | None] = None
    since: ClassVar[str] = ""
    order: ClassVar[Order] = OLDEST_FIRST

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def finished(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows as the shape says, from their fields. Called for many rows at once."""
        return rows

    def beside(self) -> dict[str, Any]:
        """What a page says beside its rows."""
        return {}

    @staticmethod
    def state() -> str:
        """What changes with any row of the list, and costs less than reading them; empty where nothing does.

        A list that has one is the same for whoever asks.
        """
        return ""

    @classmethod
    @cache
    def row_shape(cls) -> type[Shape]:
        shape: type[Shape]
        [shape] = get_args(cls.page.model_fields["results"].annotation)
        return shape

    @classmethod
    @cache
    def filters(cls) -> Filters:
        shape = cls.row_shape()
        ranges = {name: Range(cls.fields[name], field_kind(shape, name)) for name in cls.ranges}
        return Filters(cls.choices, ranges, cls.since)

    @classmethod
    @cache
    def sortable(cls) -> dict[str, str]:
        names = (*cls.choices, *cls.ranges) if cls.sorts is None else cls.sorts
        return sortable_fields(cls.fields, names)

    @classmethod
    @cache
    def parameters(cls) -> list[str]:
        return [*cls.filters().parameters, "sort", *SHAPE_PARAMETERS, *PAGE_PARAMETERS]

    def get(self, request: Request) -> HttpResponseBase:
        check_known(request.GET, self.parameters())
        fields = read_fields(request.GET, self.row_shape())
        kind = read_format(request.GET)
        order = read_order(request.GET, self.sortable(), self.order)
        conditions = self.filters().conditions(request.GET, self.rows)
        state = self.state()
        etag = etag_of(request, state, shape_sha256(self.page)) if state else ""
        if etag and (answer := unchanged(request, etag)) is not None:
            return answer
        if kind == JSON:
            key: tuple[Any, ...] = (type(self), conditions) if state else ()
            page = page_of(request, lambda: kept(self.rows(), conditions), self.fields, order, key=key)
            results = self.finished(page.rows)
            if "fields" in request.GET:
                results = sparse(results, fields)
            # Without a state the middleware makes a hash of the content.
            response = Response({"next": page.next, "results": results, **self.beside()})
            return kept_while(response, self.state, said=state, etag=etag) if etag else response
        limit = read_limit(request.GET) if "limit" in request.GET else None
        rows = from_cursor(request, kept(self.rows(), conditions), order)[:limit]
        found = (table_row(fields, row) for row in self._each(rows))
        return table_answer(table_columns(fields), found, kind=kind, name=_last_part(request.path), etag=etag)

    def _each(self, rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
        """Rows as they are read, a chunk finished at a time."""
        names, found = list(self.fields), rows.values_list(*self.fields.values()).iterator(chunk_size=CHUNK_ROWS)
        while chunk := list(islice(found, CHUNK_ROWS)):
            yield from self.finished([dict(zip(names, row, strict=True)) for row in chunk])


def _last_part(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
