"""Answers that are the same for many: those that anybody may keep, and a page that this site keeps itself."""

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

from apps.board.kept import digest, drawing_code, kept
from apps.core.kept_answers import State, keep

LIFE_S = 300
OWN = (settings.SESSION_COOKIE_NAME, "messages")
"""Cookies of a visitor whose page may have something of his own on it."""


def cacheable(request: HttpRequest, response: HttpResponse, *, life_s: int = LIFE_S) -> HttpResponse:
    """The answer with its hash and how long it is good for; 304 for a client that has it."""
    response["ETag"] = _etag(response.content)
    patch_cache_control(response, public=True, max_age=life_s)
    return _unless_unchanged(request, response)


def kept_page(
    request: HttpRequest, *, state: State, said: str, is_shared: bool, render: Callable[[], HttpResponse]
) -> HttpResponse:
    """A page for somebody who is not signed in, rendered once for every state of the data.

    `state()` tells these states apart, and `said` is what it said before any of it was read. One that is shared is in
    the cache for all processes, which must not be asked of one of thousands. Everybody else gets a page rendered anew.
    """
    if any(name in request.COOKIES for name in OWN):
        return render()
    release = getattr(staticfiles_storage, "manifest_hash", "")
    about = [request.build_absolute_uri(), release, said]
    # Of what the page is made of, so that nobody has to fetch megabytes to know that they did not change.
    etag = f'"{digest([drawing_code(), about])[:32]}"'
    response = _not_modified(request, etag)
    if response is None:
        response = HttpResponse(kept("page", about, lambda: render().content)) if is_shared else render()
    response["ETag"] = etag
    patch_cache_control(response, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    return keep(response, state=state, said=said)


def _not_modified(request: HttpRequest, etag: str) -> HttpResponse | None:
    answer: HttpResponse | None = get_conditional_response(request, etag=etag)
    return answer


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _unless_unchanged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    answer: HttpResponseBase | None = get_conditional_response(request, etag=response["ETag"], response=response)
    return answer if isinstance(answer, HttpResponse) else response
