"""Whether this process lives, and whether it can serve."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """503 without Postgres. Without Redis pages still work, only background work waits, so that is named only."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as exc:
        return HttpResponse(f"no database: {exc}\n", status=503, content_type="text/plain")
    try:
        cache.get("readyz")
    except RedisError as exc:
        return HttpResponse(f"ok, but no Redis: {exc}\n", content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
