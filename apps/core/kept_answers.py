"""Answers that this process gave before, in front of everything else, for as long as what they show stands.

A view that knows when its answer changes says so with `keep`. What is kept is the answer as it was sent, compressed and
with all headers, so that the next one who asks the same costs one query for the state and nothing else.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

BUDGET_BYTES = 32 * 1024 * 1024
"""Of one process."""
LONGEST_BYTES = 4 * 1024 * 1024
"""Of one answer."""

State = Callable[[], str]
Key = tuple[str | None, ...]
R = TypeVar("R", bound=HttpResponseBase)


@dataclass(frozen=True)
class _Kept:
    state: State
    said: str
    headers: dict[str, str]
    content: bytes

    def stands(self) -> bool:
        return self.state() == self.said

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """The bytes; 304 to a client that has them."""
        response = HttpResponse(self.content, headers=self.headers)
        unchanged: HttpResponseBase | None = get_conditional_response(
            request, etag=self.headers.get("ETag"), response=response
        )
        return unchanged or response


def keep(response: R, *, state: State, said: str) -> R:
    """Have the answer kept while `state()` says the same as it `said` before any of the answer was read.

    Only for what anybody may see, and what depends on nothing but the address and the state.
    """
    response._kept_while = (state, said)  # type: ignore[attr-defined]
    return response


class KeptAnswers:
    """The outermost middleware. Who is signed in, sends a token or says `Cache-Control: no-cache` passes it by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if settings.IS_READING_CLOSED:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = _key(request)
        if key is None:
            return self.get_response(request)
        found = self._kept.get(key)
        if found is not None and found.stands():
            return found.answer(request)
        response = self.get_response(request)
        kept_while = getattr(response, "_kept_while", None)
        if kept_while is not None and isinstance(response, HttpResponse) and _is_for_all(response):
            state, said = kept_while
            self._put(key, _Kept(state, said, dict(response.items()), response.content))
        return response

    def _put(self, key: Key, kept: _Kept) -> None:
        with self._lock:
            before = self._kept.pop(key, None)
            self._bytes -= len(before.content) if before else 0
            self._kept[key] = kept
            self._bytes += len(kept.content)
            while self._bytes > BUDGET_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= len(oldest.content)


def _key(request: HttpRequest) -> Key | None:
    """Whatever may make another answer of the same state; None for whoever may get one of his own."""
    asked = request.META
    if request.method != "GET" or asked.get("HTTP_COOKIE") or asked.get("HTTP_AUTHORIZATION"):
        return None
    if "no-cache" in asked.get("HTTP_CACHE_CONTROL", ""):
        return None
    is_gzip = "gzip" if "gzip" in asked.get("HTTP_ACCEPT_ENCODING", "") else None
    where = (request.scheme, asked.get("HTTP_HOST"), asked.get("SERVER_PORT"), request.get_full_path())
    return *where, asked.get("HTTP_ACCEPT"), is_gzip, asked.get("HTTP_HX_REQUEST")


def _is_for_all(response: HttpResponse) -> bool:
    return response.status_code == 200 and not response.cookies and len(response.content) <= LONGEST_BYTES
