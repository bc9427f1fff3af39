"""The part of a page that follows by itself: htmx asks for it again, and is told when nothing has changed."""

import hashlib
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

SEEN_HEADER = "Zooboard-Seen"


def live_response(
    request: HttpRequest,
    *,
    page: str,
    part: str,
    part_id: str,
    context: dict[str, Any],
    says: str,
    every_s: int | None,
    seen: Any = None,
) -> HttpResponse:
    """The page, or to htmx its part alone; 204 while the visitor sees it as it is.

    `says` is read out by a screen reader when it changes. Without `every_s` the part is final: nobody asks again.
    `seen` is what of the context the part shows, where that is not all of it.
    """
    mark = f"{_digest(says)}.{_digest([context if seen is None else seen, every_s])}"
    before = request.headers.get(SEEN_HEADER, "")
    if request.htmx and before == mark:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    live = {
        "id": part_id,
        "url": request.get_full_path(),
        "every_s": every_s,
        "seen": mark,
        "says": says,
        "is_news": before.split(".")[0] != _digest(says),
        "is_part": bool(request.htmx),  # type: ignore[attr-defined]
    }
    live["content"] = render_to_string(part, context, request)
    response = render(request, "board/_live.html" if live["is_part"] else page, {**context, "live": live})
    # Both have one address: a browser that goes back must not show the part as the page.
    patch_vary_headers(response, ["HX-Request"])
    return response


def _digest(data: Any) -> str:
    return hashlib.sha256(orjson.dumps(data, default=str)).hexdigest()[:16]
