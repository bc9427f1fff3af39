"""Answers that anybody may keep: the same for every visitor, and asked for again by their hash alone."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control

LIFE_S = 300


def cacheable(request: HttpRequest, response: HttpResponse, *, life_s: int = LIFE_S) -> HttpResponse:
    """The answer with its hash and how long it is good for; 304 for a client that has it."""
    response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    patch_cache_control(response, public=True, max_age=life_s)
    answer: HttpResponseBase | None = get_conditional_response(request, etag=response["ETag"], response=response)
    return answer if isinstance(answer, HttpResponse) else response
