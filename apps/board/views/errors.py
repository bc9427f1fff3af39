"""Pages answer what a visitor did wrong with a page that says what to do, never with a 500."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import server_error as server_error_page

from apps.core.api.errors import json_server_error
from apps.core.errors import UserError


def answers_user_errors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UserError as exc:
            return render(request, "core/problem.html", {"problem": exc}, status=exc.status)

    return answered


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug, answered in the shape that the caller reads: JSON below /api/, else a page that needs nothing."""
    return json_server_error(request) if request.path.startswith("/api/") else server_error_page(request)
