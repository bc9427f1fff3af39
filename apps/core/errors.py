"""Errors that a caller can mend: each says what to do, and carries the status it is answered with."""

from collections.abc import Sequence
from typing import TypedDict


class FieldError(TypedDict):
    field: str
    message: str


class UserError(Exception):
    """Base of everything a request can do wrong. The message is one sentence for the person who reads it."""

    status = 400
    type = "bad-request"
    title = "The request cannot be understood"

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)


class InvalidInput(UserError):
    status = 422
    type = "invalid-input"
    title = "Some fields are not valid"


class UnknownParameter(UserError):
    type = "unknown-parameter"
    title = "Unknown query parameter"


class NotAllowed(UserError):
    status = 403
    type = "not-allowed"
    title = "Not allowed"


class NotFound(UserError):
    status = 404
    type = "not-found"
    title = "Not found"


class Conflict(UserError):
    status = 409
    type = "conflict"
    title = "Conflict"


class TooLarge(UserError):
    status = 413
    type = "too-large"
    title = "Too large"
