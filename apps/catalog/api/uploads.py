"""The multipart form by which an artifact comes in."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError

from apps.catalog.inspection import FILE_NAME
from apps.catalog.models import Precision
from apps.core.api.errors import storage_problem
from apps.core.errors import InvalidInput, TooLarge

MAX_WEIGHTS_CHARACTERS = 300


def form_schema(required: Sequence[str] = (), **fields: dict[str, Any]) -> dict[str, Any]:
    """How the form describes itself: its fields, all text, and whatever else is a file under its own name."""
    return {
        "type": "object",
        "properties": {name: {"type": "string", **said} for name, said in fields.items()},
        "required": list(required),
        "additionalProperties": {"type": "string", "format": "binary"},
    }


PRECISION = {"enum": Precision.values}
WEIGHTS = {"maxLength": MAX_WEIGHTS_CHARACTERS, "description": "Where they come from."}


def read_form(request: HttpRequest) -> QueryDict:
    """The fields of the form. Raises InvalidInput for a body that is not one."""
    try:
        form = request.POST
    except MultiPartParserError as exc:
        raise InvalidInput(f"The body is not a multipart form ({exc}): send it as multipart/form-data.") from None
    if storage_problem(list(form.values())):
        raise InvalidInput("A field has a NUL character in it, which no text field stores: leave it out.")
    return form


def read_files(request: HttpRequest, most_bytes: int | None = None) -> dict[str, bytes]:
    """The uploaded files by field name. Raises InvalidInput and TooLarge before it reads one."""
    limit = most_bytes or settings.MAX_ARTIFACT_FILE_BYTES
    uploads = {name: upload for name, upload in request.FILES.items() if isinstance(upload, UploadedFile)}
    for name, upload in uploads.items():
        if not FILE_NAME.fullmatch(name):
            message = f"{name!r} cannot name a file: use up to 100 letters, digits, dots, underscores and hyphens."
            raise InvalidInput(message, [{"field": "name", "message": message}])
        if upload.size is None or upload.size > limit:
            raise TooLarge(f"{name} has more than {limit:,} bytes.")
    return {name: upload.read() for name, upload in uploads.items()}


def read_weights(text: str) -> str:
    if len(text) > MAX_WEIGHTS_CHARACTERS:
        message = f"weights says in at most {MAX_WEIGHTS_CHARACTERS} characters where they come from."
        raise InvalidInput(message, [{"field": "weights", "message": message}])
    return text


def read_precision(value: str) -> str:
    if value not in Precision.values:
        message = f"precision={value!r} is not known. Valid: {', '.join(Precision.values)}."
        raise InvalidInput(message, [{"field": "precision", "message": message}])
    return value
