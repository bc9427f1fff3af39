"""304 for whoever has the answer already, before any of it is read."""

import hashlib
from functools import cache
from typing import TypeVar

from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from pydantic import BaseModel
from rest_framework.request import Request

from apps.core.kept_answers import State, keep

R = TypeVar("R", bound=HttpResponseBase)


def etag_of(request: Request, *states: object) -> str:
    """Of an address in a state: `states` are all that its answer depends on, and cheaper to know than the answer."""
    said = repr((request.get_full_path(), *states))
    return quote_etag(hashlib.sha256(said.encode()).hexdigest()[:32])


def unchanged(request: Request, etag: str) -> HttpResponseBase | None:
    """The answer to a client that has this one; None for every other one."""
    answer: HttpResponseBase | None = get_conditional_response(request._request, etag=etag)
    if answer is not None:
        answer["ETag"] = etag
    return answer


def kept_while(response: R, state: State, *, said: str, etag: str) -> R:
    """The answer under its tag, which this process may give again while the state says the same."""
    response["ETag"] = etag
    return keep(response, state=state, said=said)


@cache
def shape_sha256(shape: type[BaseModel]) -> str:
    """A state of the release: another one may say other things of the same rows."""
    return hashlib.sha256(repr(shape.model_json_schema()).encode()).hexdigest()
