"""How the API describes itself: the shapes that every app's `schema.py` shares."""

from typing import Any

from pydantic import BaseModel, ConfigDict


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
    results: list[Any]


def problems(*statuses: int) -> dict[int, type[Problem]]:
    return dict.fromkeys(statuses, Problem)
