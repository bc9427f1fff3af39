"""How often one token may call: a runaway program must not take the site away from everybody else."""

import logging
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.accounts.models import Token

if TYPE_CHECKING:
    # The class reads its default throttles, this one among them, while it is made.
    from rest_framework.views import APIView

WINDOW_S = 60
log = logging.getLogger(__name__)


class PerToken(BaseThrottle):
    """So many reads and so many writes a minute. Who calls without a token is not counted, nor without a cache."""

    timer = staticmethod(time.time)

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, Token):
            return True
        kind = "reads" if request.method in SAFE_METHODS else "writes"
        key = f"calls:{request.auth.public_id}:{kind}:{int(self.timer() // WINDOW_S)}"
        try:
            calls = _count(key)
        except RedisError as exc:
            log.warning("cannot count calls (%s): letting this one through", exc)
            return True
        return calls <= settings.TOKEN_CALLS_PER_MIN[kind]

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return WINDOW_S - self.timer() % WINDOW_S


def _count(key: str) -> int:
    """How many calls this one makes."""
    if cache.add(key, 1, WINDOW_S):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:
        # It ended between the two.
        return 1
