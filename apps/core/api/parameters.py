"""Query parameters: the known ones only, so that a typing mistake never widens a filter."""

from collections.abc import Collection
from difflib import get_close_matches

from django.http import QueryDict

from apps.core.errors import UnknownParameter, UserError

MAX_DIGITS = 19
"""Of a 64-bit number; Python refuses to read a much longer one."""


def check_known(query: QueryDict, known: Collection[str]) -> None:
    """Raises UnknownParameter that names the valid ones, UserError for repeated ones and NUL."""
    for name in query:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            valid = f"Valid ones: {', '.join(sorted(known))}." if known else "This address has no parameters."
            raise UnknownParameter(
                f"There is no parameter {name!r}.{hint} {valid}", [{"field": name, "message": "unknown parameter"}]
            )
        if len(query.getlist(name)) > 1:
            message = f"{name} is there {len(query.getlist(name))} times: send it once."
            raise UserError(message, [{"field": name, "message": message}])
        if "\0" in query.get(name, ""):
            message = f"{name} must be text without NUL characters."
            raise UserError(message, [{"field": name, "message": message}])


def one_of(query: QueryDict, name: str, valid: Collection[str], default: str | None = None) -> str | None:
    """The parameter's value, if it is one of the valid ones. Raises UserError otherwise."""
    value = query.get(name, default)
    if value is None or value in valid:
        return value
    message = f"{name}={value!r} is not known. Valid: {', '.join(sorted(valid))}."
    raise UserError(message, [{"field": name, "message": message}])


def integer(query: QueryDict, name: str, default: int, *, low: int, high: int) -> int:
    """The parameter as a whole number within low..high. Raises UserError otherwise."""
    text = query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > MAX_DIGITS or not low <= int(text) <= high:
        message = f"{name}={text!r} must be a whole number from {low} to {high}."
        raise UserError(message, [{"field": name, "message": message}])
    return int(text)
