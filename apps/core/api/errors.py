"""The one error shape of the API: {type, title, detail, errors: [{field, message}]}."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, ValidationError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from apps.core.api.renderers import dumps
from apps.core.errors import FieldError, InvalidInput, TooLarge, UserError

M = TypeVar("M", bound=BaseModel)
MAX_JSON_DEPTH = 50


def error_body(*, type: str, title: str, detail: str, errors: Sequence[FieldError] = ()) -> dict[str, Any]:
    return {"type": type, "title": title, "detail": detail, "errors": list(errors)}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every expected error in the one shape; None leaves a bug to become a 500."""
    if isinstance(exc, SuspiciousOperation):
        exc = _refusal_of(exc)
    if isinstance(exc, UserError):
        body = error_body(type=exc.type, title=exc.title, detail=exc.detail, errors=exc.errors)
        return Response(body, status=exc.status)
    response = drf_exception_handler(exc, context)
    if response is None:
        return None
    response.data = _drf_body(exc)
    return response


def _refusal_of(exc: SuspiciousOperation) -> UserError:
    """Of a form that Django stops reading."""
    if isinstance(exc, RequestDataTooBig):
        return TooLarge("The fields of the form are larger than this site reads: send what is long as a file.")
    return UserError(f"The form cannot be read ({exc}): send fewer fields and files.")


def _drf_body(exc: Exception) -> dict[str, Any]:
    if isinstance(exc, Http404):
        return error_body(type="not-found", title="Not found", detail=str(exc) or "There is nothing at this address.")
    if isinstance(exc, PermissionDenied):
        return error_body(type="not-allowed", title="Not allowed", detail=str(exc) or "You may not do this.")
    if isinstance(exc, exceptions.ValidationError):
        errors = _flatten(exc.detail)
        return error_body(
            type="invalid-input", title="Some fields are not valid", detail=errors[0]["message"], errors=errors
        )
    assert isinstance(exc, exceptions.APIException)
    code = str(exc.get_codes())
    detail = str(exc.detail)
    if isinstance(exc, exceptions.NotAuthenticated):
        detail = "Log in, or send a token as `Authorization: Bearer TOKEN`; `manage.py api_token` makes one."
    return error_body(type=code.replace("_", "-"), title=code.replace("_", " ").capitalize(), detail=detail)


def _flatten(detail: Any, field: str = "") -> list[FieldError]:
    if isinstance(detail, dict):
        return [e for key, value in detail.items() for e in _flatten(value, f"{field}.{key}".strip("."))]
    if isinstance(detail, list):
        return [e for value in detail for e in _flatten(value, field)]
    return [{"field": field, "message": str(detail)}]


def parse(message: type[M], data: Any) -> M:
    """Read a wire message from decoded JSON, whose types are meant as they stand: the text "5" is no number.

    Raises InvalidInput that names every wrong field.
    """
    if problem := storage_problem(data):
        raise InvalidInput(f"{message.__name__} {problem}")
    try:
        # As JSON again, in which strict reading still takes a text for a time, and a list for a pair.
        return message.model_validate_json(dumps(data), strict=True)
    except ValidationError as exc:
        errors: list[FieldError] = [
            {"field": ".".join(str(part) for part in error["loc"]), "message": error["msg"]}
            for error in exc.errors(include_url=False, include_context=False, include_input=False)
        ]
        detail = f"{message.__name__} is not valid: {errors[0]['field'] or 'body'}: {errors[0]['message']}."
        raise InvalidInput(detail, errors) from None


def storage_problem(data: Any) -> str | None:
    """What Postgres would refuse in JSON, or nobody can mean; walks without recursion, so depth cannot hurt."""
    waiting: list[tuple[Any, int]] = [(data, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, str):
            if "\0" in value:
                return "has a NUL character in it, which no text field stores: leave it out."
        elif depth > MAX_JSON_DEPTH:
            return f"is nested deeper than {MAX_JSON_DEPTH} levels: send flatter facts."
        elif isinstance(value, dict):
            waiting += [(part, depth + 1) for item in value.items() for part in item]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]
    return None


@csrf_exempt
def json_not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """An unknown address below /api/ is answered in the API's own shape."""
    path = request.path
    other = path.rstrip("/") if path.endswith("/") else f"{path}/"
    hint = f" Did you mean {other}?" if _is_address(other) else ""
    detail = f"There is no {path}.{hint} /api/docs/ lists every address."
    return JsonResponse(error_body(type="not-found", title="Not found", detail=detail), status=404)


def _is_address(path: str) -> bool:
    try:
        return path.startswith("/api/") and resolve(path).func is not json_not_found
    except Resolver404:
        return False


def json_bad_request(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    detail = "The request cannot be understood: check its address, headers and size."
    return JsonResponse(error_body(type="bad-request", title="Bad request", detail=detail), status=400)


def json_server_error(request: HttpRequest) -> JsonResponse:
    detail = "The site failed to answer; what was stored is not lost. Try again, and tell its owner if it stays so."
    return JsonResponse(error_body(type="server-error", title="Server error", detail=detail), status=500)
