"""`/data` and its downloads: every value with its origin, source, protocol and unit."""

from collections.abc import Iterator

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from apps.board.exports import EXPORTS
from apps.board.exports_page import SIZE_LIFE_S, api_examples, export_tables, size_key
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known, one_of
from apps.core.api.renderers import dumps
from apps.core.tables import FORMATS


@answers_user_errors
def data(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ("format",))
    tables = export_tables()
    if one_of(request.GET, "format", ("html", "json"), "html") == "json":
        return HttpResponse(dumps({"tables": tables}), content_type="application/json")
    examples = api_examples(request.build_absolute_uri("/").rstrip("/"))
    return render(request, "board/data.html", {"nav": "data", "tables": tables, "examples": examples})


@require_safe
@answers_user_errors
def download(request: HttpRequest, table: str, extension: str) -> HttpResponseBase:
    check_known(request.GET, ())
    export, shape = EXPORTS.get(table), FORMATS.get(extension)
    if export is None or shape is None:
        valid = ", ".join(f"{slug}.{name}" for slug in EXPORTS for name in FORMATS)
        raise Http404(f"There is no {table}.{extension}. Valid: {valid}.")
    etag = export.etag(export.state()[1], extension)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=shape.content_type)
    else:
        pieces = _counted(export.pieces(extension), size_key(etag))
        response = StreamingHttpResponse(pieces, content_type=shape.content_type)
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"
    name = f"zooboard-{table}-{timezone.now():%Y-%m-%d}.{extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _counted(pieces: Iterator[bytes], key: str) -> Iterator[bytes]:
    """The same pieces; once all of them were sent, their size is known to the page."""
    size_bytes = 0
    for piece in pieces:
        size_bytes += len(piece)
        yield piece
    try:
        cache.set(key, size_bytes, SIZE_LIFE_S)
    except RedisError:
        # The size is only for show.
        return
