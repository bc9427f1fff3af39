"""What a list is answered with: a page of JSON, or all of it as a CSV or Parquet file."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.flat import FlatField, flat_fields, table_columns, table_row
from apps.core.api.parameters import names, one_of
from apps.core.tables import CHUNK_ROWS, FORMATS, Row, TableColumn

JSON = "json"
LIST_FORMATS = (JSON, "csv", "parquet")
SHAPE_PARAMETERS = ("fields", "format")


def read_format(query: QueryDict) -> str:
    """Raises UserError that names the valid ones."""
    return one_of(query, "format", LIST_FORMATS, JSON) or JSON


def read_fields(query: QueryDict, shape: type[BaseModel]) -> tuple[FlatField, ...]:
    """`fields=a,b`: those fields of a row, in the row's order; all without. Raises UserError that names the valid."""
    fields = flat_fields(shape)
    if "fields" not in query:
        return fields
    chosen = names(query, "fields", [field.name for field in fields])
    return tuple(field for field in fields if field.name in chosen)


def sparse(rows: Iterable[Mapping[str, Any]], fields: Sequence[FlatField]) -> list[dict[str, Any]]:
    """The rows with these fields alone."""
    return [{field.name: row[field.name] for field in fields} for row in rows]


def whole_list(
    request: Request, shape: type[BaseModel], rows: Sequence[Mapping[str, Any]], *, name: str
) -> HttpResponseBase:
    """All rows of a short list."""
    fields, kind = read_fields(request.GET, shape), read_format(request.GET)
    if kind == JSON:
        return Response({"next": None, "results": sparse(rows, fields)})
    return table_answer(table_columns(fields), (table_row(fields, row) for row in rows), kind=kind, name=name)


def table_answer(
    columns: Sequence[TableColumn], rows: Iterable[Row], *, kind: str, name: str, etag: str | None = None
) -> HttpResponseBase:
    """A file. A short one is sent whole, with its hash by the middleware; a long one as its rows are read.

    `etag` is the hash of a long one's content, where there is a cheaper way to it.
    """
    remaining, shape = iter(rows), FORMATS[kind]
    first = list(islice(remaining, CHUNK_ROWS + 1))
    response: HttpResponseBase
    if len(first) <= CHUNK_ROWS:
        response = HttpResponse(b"".join(shape.write(columns, first)), content_type=shape.content_type)
    else:
        pieces = shape.write(columns, chain(first, remaining))
        response = StreamingHttpResponse(pieces, content_type=shape.content_type)
    if etag:
        response["ETag"] = etag
    response["Content-Disposition"] = f'inline; filename="zooboard-{name}.{kind}"'
    return response
