"""Closed reading: on a site that says so, nothing is shown to who is not logged in and sends no token."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from rest_framework.permissions import SAFE_METHODS

from apps.accounts.authentication import find_token
from apps.accounts.models import Scope
from apps.core.api.errors import error_body

OPEN_PREFIXES = ("/login", "/logout", "/invitations/zbi_", "/healthz", "/readyz", "/api/v1/agent/")
"""What leads to an account, what machines ask, and what asks every caller for an agent's token itself."""
DETAIL = (
    "Reading is closed on this site: log in, or send a token with the scope `read` as `Authorization: Bearer TOKEN`."
)


class ClosedReading:
    """Before every view, so that a new page is closed without a word in it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.IS_READING_CLOSED:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(OPEN_PREFIXES) and not _may_read(request):
            return _refusal(request)
        response = self.get_response(request)
        # What anybody may see elsewhere, a cache between must not show to anybody here.
        patch_cache_control(response, private=True)
        return response


def _may_read(request: HttpRequest) -> bool:
    if request.user.is_authenticated:
        return True
    words = request.headers.get("Authorization", "").split()
    if len(words) != 2 or words[0].lower() != "bearer":
        return False
    token = find_token(words[1])
    # What writes asks for its own scope.
    return token is not None and (request.method not in SAFE_METHODS or str(Scope.READ) in token.scopes)


def _refusal(request: HttpRequest) -> HttpResponseBase:
    is_program = "Authorization" in request.headers or request.GET.get("format", "html") != "html"
    if is_program or request.path.startswith("/api/"):
        body = error_body(type="not-authenticated", title="Not authenticated", detail=DETAIL)
        return JsonResponse(body, status=401, headers={"WWW-Authenticate": 'Bearer realm="zooboard"'})
    return redirect_to_login(request.get_full_path())
