"""What speaks against a field of a stated value."""

from apps.core.errors import FieldError

Problem = FieldError


def problem(field: str, message: str) -> Problem:
    return {"field": field, "message": message}
