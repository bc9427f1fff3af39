"""How the API describes itself: the shapes that every app's `schema.py` shares."""

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import BaseModel, ConfigDict

from apps.core.api.paging import PAGE_PARAMETERS


class Shape(BaseModel):
    """An object of an answer. It has these fields and no others, which the tests check against real answers."""

    model_config = ConfigDict(extra="forbid")


class FieldProblem(Shape):
    field: str
    message: str


class Problem(Shape):
    """Every error. `detail` is one sentence that says what to do; `type` is for programs."""

    type: str
    title: str
    detail: str
    errors: list[FieldProblem]


class Page(Shape):
    """A page of a list; a subclass says what its `results` are. `next` is the address of the next page."""

    next: str | None


def problems(*statuses: int) -> dict[int, type[Problem]]:
    return dict.fromkeys(statuses, Problem)


def list_schema(
    noun: str, page: type[BaseModel], *, tag: str, parameters: Sequence[str] = PAGE_PARAMETERS
) -> Callable[[Any], Any]:
    """Describe a GET that answers with a list and refuses parameters it does not know."""
    return extend_schema(
        operation_id=f"{noun}_list",
        parameters=[OpenApiParameter(name) for name in parameters],
        responses={200: page, **problems(400)},
        tags=[tag],
    )
