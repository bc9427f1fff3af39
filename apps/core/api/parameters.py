"""Query parameters: the known ones only, so that a typing mistake never widens a filter."""

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from apps.core.errors import UnknownParameter, UserError

MAX_DIGITS = 19
"""Of a 64-bit number; Python refuses to read a much longer one."""
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""What a time beyond them is taken for, which only its zone makes one."""
MAX_NUMBER = 1e308
MAX_NUMBER_LETTERS = 330
MAX_EXPONENT = 324
"""Of every 64-bit float, however it is written; what the database can hold ends far beyond."""


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
            raise refused(name, f"{name} is there {len(query.getlist(name))} times: send it once.")
        if "\0" in query.get(name, ""):
            raise refused(name, f"{name} must be text without NUL characters.")


def one_of(query: QueryDict, name: str, valid: Collection[str], default: str | None = None) -> str | None:
    """The parameter's value, if it is one of the valid ones. Raises UserError otherwise."""
    value = query.get(name, default)
    if value is None or value in valid:
        return value
    raise refused(name, f"{name}={value!r} is not known. Valid: {', '.join(sorted(valid))}.")


def integer(query: QueryDict, name: str, default: int, *, low: int, high: int) -> int:
    """The parameter as a whole number within low..high. Raises UserError otherwise."""
    text = query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > MAX_DIGITS or not low <= int(text) <= high:
        raise refused(name, f"{name}={text!r} must be a whole number from {low} to {high}.")
    return int(text)


def names(query: QueryDict, name: str, valid: Collection[str]) -> list[str]:
    """`name=a,b`, each one of the valid ones. Raises UserError otherwise, also for none at all."""
    found = listed(query, name)
    for each in found or [""]:
        if each not in valid:
            raise refused(
                name, f"{name}={each!r} is not known. Valid: {', '.join(valid)}; several with commas between."
            )
    return found


def listed(query: QueryDict, name: str) -> list[str]:
    """`name=a,b`, whatever they are."""
    return [each for each in query.get(name, "").split(",") if each]


def number(query: QueryDict, name: str) -> Decimal:
    """Raises UserError for what is none, or not finite, or beyond every 64-bit float."""
    text = query.get(name, "")
    try:
        value = Decimal(text) if len(text) <= MAX_NUMBER_LETTERS else Decimal("nan")
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or abs(value) > Decimal(MAX_NUMBER) or (value and value.adjusted() < -MAX_EXPONENT):
        raise refused(name, f"{name}={text!r} must be a number, with a point as decimal mark.")
    return value or Decimal(0)


def moment(query: QueryDict, name: str) -> datetime:
    """Raises UserError for what is no time, or has no zone."""
    text = query.get(name, "")
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise refused(name, f"{name}={text!r} must be ISO 8601 with a zone, as 2026-01-31T12:00:00Z.")
    try:
        # Postgres knows no zone beyond 16 hours.
        return at.astimezone(UTC)
    except OverflowError:
        return EARLIEST if at.year == EARLIEST.year else LATEST


def refused(name: str, message: str) -> UserError:
    return UserError(message, [{"field": name, "message": message}])
