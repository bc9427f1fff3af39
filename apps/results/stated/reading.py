"""From a body in JSON, NDJSON or CSV to numbered rows, each read or with what is wrong with it."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from apps.core.api.body import Malformed, read_json
from apps.core.errors import FieldError, TooLarge
from apps.results.stated.shape import MAX_DIGITS, StatedValue

MAX_ROWS = 10_000
_NO_VALUE = f"Send a number, or its digits as text, of at most {MAX_DIGITS} characters."
SEPARATORS = re.compile(r"[;\s]+")


@dataclass(frozen=True)
class Row:
    """`number` is that of the line; `text` are the digits of the value as they were written; `value` is None with
    problems."""

    number: int
    value: StatedValue | None = None
    text: str = ""
    problems: list[FieldError] = field(default_factory=list)


def read_one(body: bytes) -> list[Row]:
    """Raises Malformed where it is no JSON."""
    read_json(body)
    return [_read_json(1, body)]


def read_ndjson(body: bytes) -> list[Row]:
    """One record a line; empty lines are left out."""
    lines = body.split(b"\n")
    return [_read_json(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def read_csv(body: bytes) -> list[Row]:
    """The header has names of fields, an empty cell is a field left out; `samples` stand in one, with blanks between.

    Raises Malformed for a file that is no CSV of ours.
    """
    try:
        lines = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        _check_header(lines.fieldnames or [])
        return [_read_cells(lines.line_num, cells) for cells in lines]
    except UnicodeDecodeError as exc:
        raise Malformed(f"The CSV is not UTF-8: {exc}.") from None
    except csv.Error as exc:
        raise Malformed(f"The CSV cannot be read: {exc}.") from None


READERS: Mapping[str, Callable[[bytes], list[Row]]] = {
    "application/json": read_one,
    "application/x-ndjson": read_ndjson,
    "text/csv": read_csv,
}
"""By media type."""


def read_rows(body: bytes, media_type: str) -> list[Row]:
    """Raises Malformed for a body without a row, TooLarge for one with too many."""
    # Counted before anything is read: a body of line ends only must not cost more than its bytes.
    if media_type != "application/json" and (lines := body.count(b"\n")) > 2 * MAX_ROWS:
        raise _too_many(lines)
    rows = READERS[media_type](body)
    if not rows:
        raise Malformed("The body has no record in it: send at least one.")
    if len(rows) > MAX_ROWS:
        raise _too_many(len(rows))
    return rows


def _too_many(rows: int) -> TooLarge:
    return TooLarge(f"{rows:,} rows are more than {MAX_ROWS:,}: send them in several calls, as `split -l` makes them.")


def _read_json(number: int, line: bytes) -> Row:
    try:
        value = StatedValue.model_validate_json(line, strict=True)
    except ValidationError as exc:
        return Row(number, problems=_problems(exc))
    return _row(number, value, _written(value, line))


def _row(number: int, value: StatedValue, text: str) -> Row:
    if len(text) > MAX_DIGITS:
        return Row(number, problems=[{"field": "value", "message": _NO_VALUE}])
    return Row(number, value, text)


def _written(value: StatedValue, line: bytes) -> str:
    """The digits as they stand in the JSON, where 0.710 and 0.71 are the same number and another statement."""
    if isinstance(value.value, float):
        text: str = json.loads(line, parse_float=str)["value"]
        return text
    return str(value.value)


def _check_header(names: Any) -> None:
    known = StatedValue.model_fields
    wrong = [name for name in names if name not in known]
    if wrong or len(set(names)) < len(names):
        told = f"no column {', '.join(map(repr, wrong))}" if wrong else "each column once"
        raise Malformed(f"The first line names the columns; there is {told}. Valid ones: {', '.join(known)}.")


def _read_cells(number: int, cells: Mapping[str, Any]) -> Row:
    if None in cells:
        return Row(number, problems=[{"field": "", "message": "The row has more cells than the header has names."}])
    stated: dict[str, Any] = {name: text.strip() for name, text in cells.items() if text and text.strip()}
    if "samples" in stated:
        stated["samples"] = SEPARATORS.split(stated["samples"])
    try:
        value = StatedValue.model_validate(stated)
    except ValidationError as exc:
        return Row(number, problems=_problems(exc))
    return _row(number, value, str(stated["value"]))


def _problems(exc: ValidationError) -> list[FieldError]:
    """The first problem of each field."""
    found: dict[str, str] = {}
    for error in exc.errors(include_url=False, include_context=False, include_input=False):
        name = ".".join(str(part) for part in error["loc"][: 2 if error["loc"][:1] == ("samples",) else 1])
        found.setdefault(name, _sentence(name, error["type"], error["msg"]))
    return [{"field": name, "message": message} for name, message in found.items()]


def _sentence(name: str, kind: str, said: str) -> str:
    if kind == "extra_forbidden":
        return f"There is no field {name[:40]!r}. Valid ones: {', '.join(StatedValue.model_fields)}."
    if kind == "missing":
        return f"{name} is missing."
    if name == "value":
        return _NO_VALUE
    return f"{said}."
