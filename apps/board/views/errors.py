"""Pages answer what a visitor did wrong with a page that says what to do, never with a 500; programs get JSON."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.defaults import bad_request as bad_request_page
from django.views.defaults import server_error as server_error_page

from apps.core.api.errors import error_body, json_bad_request, json_server_error
from apps.core.errors import UserError

R = TypeVar("R", bound=HttpResponseBase)


def answers_user_errors(view: Callable[..., R]) -> Callable[..., R | HttpResponse]:
    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> R | HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UserError as exc:
            if _wants_json(request):
                body = error_body(type=exc.type, title=exc.title, detail=exc.detail, errors=exc.errors)
                return JsonResponse(body, status=exc.status)
            return render(request, "core/problem.html", {"problem": exc}, status=exc.status)
        except Http404 as exc:
            if _wants_json(request):
                return JsonResponse(error_body(type="not-found", title="Not found", detail=str(exc)), status=404)
            raise

    return answered


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django itself refuses, such as a wrong `Host`."""
    return json_bad_request(request) if request.path.startswith("/api/") else bad_request_page(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug, answered in the shape that the caller reads: JSON below /api/, else a page that needs nothing."""
    return json_server_error(request) if request.path.startswith("/api/") else server_error_page(request)


def _wants_json(request: HttpRequest) -> bool:
    """Whether the address asks for JSON, be the rest of it right or wrong."""
    return request.GET.get("format") == "json"
