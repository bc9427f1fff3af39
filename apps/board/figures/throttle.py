"""How many pictures one client may have drawn: each costs the server as much as many pages."""

import logging
import math
from typing import cast

from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from apps.core.errors import UserError

RATE = "30/min"
log = logging.getLogger(__name__)


class TooManyPictures(UserError):
    """Answered with `Retry-After`."""

    status = 429
    type = "too-many-requests"
    title = "Too many pictures"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            f"You had {RATE.partition('/')[0]} pictures drawn within a minute: ask again in {retry_after_s} seconds. "
            "Those that were drawn before are not counted."
        )
        self.retry_after_s = retry_after_s


class PictureThrottle(SimpleRateThrottle):
    """By address, as the throttles of the API find it."""

    scope = "pictures"
    rate = RATE

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def count_drawing(request: HttpRequest) -> None:
    """Count one picture for this client; without a cache to count in, it is let through.

    Raises: TooManyPictures.
    """
    throttle = PictureThrottle()
    try:
        # The throttle reads the client's address alone, which Django's request has as well.
        is_allowed = throttle.allow_request(cast(Request, request), cast(APIView, None))
    except RedisError as exc:
        log.warning("cannot count pictures (%s): drawing this one", exc)
        return
    if not is_allowed:
        raise TooManyPictures(math.ceil(throttle.wait() or 1))
