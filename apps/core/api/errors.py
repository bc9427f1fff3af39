"""The one error shape of the API: {type, title, detail, errors: [{field, message}]}."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from pydantic import BaseModel, ValidationError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from apps.core.errors import FieldError, InvalidInput, UserError

M = TypeVar("M", bound=BaseModel)


def error_body(*, type: str, title: str, detail: str, errors: Sequence[FieldError] = ()) -> dict[str, Any]:
    return {"type": type, "title": title, "detail": detail, "errors": list(errors)}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every expected error in the one shape; None leaves a bug to become a 500."""
    if isinstance(exc, UserError):
        body = error_body(type=exc.type, title=exc.title, detail=exc.detail, errors=exc.errors)
        return Response(body, status=exc.status)
    response = drf_exception_handler(exc, context)
    if response is None:
        return None
    response.data = _drf_body(exc)
    return response


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
    code = exc.get_codes()
    return error_body(
        type=str(code).replace("_", "-"), title=str(exc.default_detail).rstrip("."), detail=str(exc.detail)
    )


def _flatten(detail: Any, field: str = "") -> list[FieldError]:
    if isinstance(detail, dict):
        return [e for key, value in detail.items() for e in _flatten(value, f"{field}.{key}".strip("."))]
    if isinstance(detail, list):
        return [e for value in detail for e in _flatten(value, field)]
    return [{"field": field, "message": str(detail)}]


def parse(message: type[M], data: Any) -> M:
    """Read a wire message. Raises InvalidInput that names every wrong field."""
    if has_nul(data):
        raise InvalidInput(f"{message.__name__} has a NUL character in it, which no text field stores: leave it out.")
    try:
        return message.model_validate(data)
    except ValidationError as exc:
        errors: list[FieldError] = [
            {"field": ".".join(str(part) for part in error["loc"]), "message": error["msg"]}
            for error in exc.errors(include_url=False, include_context=False, include_input=False)
        ]
        detail = f"{message.__name__} is not valid: {errors[0]['field'] or 'body'}: {errors[0]['message']}."
        raise InvalidInput(detail, errors) from None


def has_nul(data: Any) -> bool:
    """Whether some text in JSON has a NUL character, which Postgres refuses."""
    if isinstance(data, str):
        return "\0" in data
    if isinstance(data, dict):
        return any(has_nul(key) or has_nul(value) for key, value in data.items())
    return isinstance(data, list) and any(has_nul(value) for value in data)


def json_not_found(request: HttpRequest, path: str = "") -> JsonResponse:
    """An unknown address below /api/ is answered in the API's own shape."""
    detail = f"There is no {request.path}; /api/docs/ lists every address."
    return JsonResponse(error_body(type="not-found", title="Not found", detail=detail), status=404)
