"""How a list describes itself in the OpenAPI schema: from the same attributes by which it answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from apps.core.api.answers import LIST_FORMATS
from apps.core.api.filters import NO_COMMA, SINCE, Choice, Range
from apps.core.api.flat import flat_fields
from apps.core.api.lists import ListView
from apps.core.api.paging import DEFAULT_LIMIT, MAX_LIMIT
from apps.core.api.parameters import MAX_NUMBER
from apps.core.api.schema import problems

V = TypeVar("V", bound=type[ListView])

TEXT = {"type": "string", "pattern": NO_COMMA}
CURSOR = OpenApiParameter("cursor", str, description="Where the page begins: from `next` of the page before.")
NUMBER = {"type": "number", "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER}
LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    description="Rows of a page of JSON; of a file, which has all rows without it, the most rows.",
)


def described(noun: str, *, tag: str, statuses: Sequence[int] = ()) -> Callable[[V], V]:
    """Describe the GET of a list. `noun` is its name in the plural; `statuses` are refusals beside the usual ones."""

    def describe(view: V) -> V:
        names = [field.name for field in flat_fields(view.row_shape())]

        def plain(self: ListView, request: Request) -> HttpResponseBase:
            return ListView.get(self, request)

        # Not the view's own, which may be another list's: it would say that one's parameters too.
        view.get = extend_schema(  # type: ignore[method-assign]
            operation_id=f"{noun}_list",
            parameters=[
                *filter_parameters(view.filters().choices, view.filters().ranges, since=view.since),
                sort_parameter(list(view.sortable())),
                fields_parameter(names),
                FORMAT,
                LIMIT,
                CURSOR,
            ],
            responses=list_responses(view.page, *statuses),
            tags=[tag],
        )(plain)
        return view

    return describe


def set_parameter(
    name: str,
    *,
    one: Mapping[str, Any] = TEXT,
    help: str,
    is_required: bool = False,
    few: int = 1,
    many: int | None = None,
) -> OpenApiParameter:
    """Several values with commas between, each as `one` says."""
    values: dict[str, Any] = {"type": "array", "minItems": few, "items": dict(one)}
    if many is not None:
        values |= {"maxItems": many, "uniqueItems": True}
    return OpenApiParameter(name, values, required=is_required, style="form", explode=False, description=help)


def one_of(values: Sequence[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def filter_parameters(
    choices: Mapping[str, Choice], ranges: Mapping[str, Range], *, since: str
) -> list[OpenApiParameter]:
    found = [
        set_parameter(name, one=choice.described, help="Rows with one of these, commas between.")
        for name, choice in choices.items()
    ]
    for name, bound in ranges.items():
        kind = OpenApiTypes.DATETIME if bound.kind == "time" else NUMBER
        found += [
            OpenApiParameter(f"min.{name}", kind, description=f"Rows whose {name} is this or more."),
            OpenApiParameter(f"max.{name}", kind, description=f"Rows whose {name} is this or less."),
        ]
    if since:
        found.append(OpenApiParameter(SINCE, OpenApiTypes.DATETIME, description="Rows that changed from then on."))
    return found


def sort_parameter(names: Sequence[str]) -> OpenApiParameter:
    return OpenApiParameter(
        "sort",
        enum=[*names, *(f"-{name}" for name in names)],
        description="Order; a minus turns it round. Rows without the value come last.",
    )


def fields_parameter(names: Sequence[str]) -> OpenApiParameter:
    return set_parameter("fields", one=one_of(names), help="These fields of each row alone, commas between.")


FORMAT = OpenApiParameter("format", enum=LIST_FORMATS, description="A page as JSON, or every row as a file.")


def list_responses(page: type, *statuses: int) -> dict[Any, Any]:
    return {
        (200, "application/json"): page,
        (200, "text/csv"): OpenApiTypes.STR,
        (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
        **problems(400, *statuses),
    }
