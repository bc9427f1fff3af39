"""Numbers out of what a benchmark program printed: exact units, the digits' own rounding, and no excuses."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

NUMBER = r"([-+]?(?:[0-9]{1,15}(?:\.[0-9]{0,12})?(?:[eE][-+]?[0-9]{1,3})?|(?i:nan|inf(?:inity)?)))"
"""A number as printf and C++ streams print it, those that are none included: they are refused by name."""

COUNT = r"([0-9]{1,7})"
UNIT = r"([A-Za-zµ]{1,12})"
UNITS_NS = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "sec": 1_000_000_000}

SHORTEST_NS = 100.0
"""No network executes in less: such a number is of another unit or of nothing."""

LONGEST_NS = 3_600e9
"""Nor does one take longer than an hour."""

ROUNDING = 1e-4
"""Share by which a mean may lie outside its own extremes: some programs add thousands of times in single precision."""

LONGEST_QUOTE = 120


class ToolOutputError(ValueError):
    """What a benchmark program printed gives no latency; `str()` is one sentence that quotes the line at fault."""


class ImpossibleOutputError(ToolOutputError):
    """The output could be read, and what it says cannot be."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A time as it was printed.

    Units: nanoseconds. `resolution_ns` is one step of the last printed digit.
    """

    ns: float
    resolution_ns: float
    line: str


@dataclass(frozen=True, slots=True)
class Output:
    """What a program printed, line by line."""

    text: str
    lines: tuple[str, ...]

    def only(self, pattern: re.Pattern[str], what: str) -> re.Match[str]:
        """The match in the one line that has it.

        Raises: `ToolOutputError` where no line or more than one has.
        """
        found = self.at_most_one(pattern, what)
        if found is None:
            raise ToolOutputError(
                f"There is no {what}: the output is cut off or another program's, it ends {self.end}."
            )
        return found

    def at_most_one(self, pattern: re.Pattern[str], what: str) -> re.Match[str] | None:
        """Raises: `ToolOutputError` where two lines have it."""
        found = list(self.every(pattern))
        if len(found) > 1:
            raise ToolOutputError(
                f"There is more than one {what}, give the output of one model and one invocation: {quoted(found[1])}."
            )
        return found[0] if found else None

    def every(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        return (found for line in self.lines if (found := pattern.search(line)))

    def first(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return next(self.every(pattern), None)

    @property
    def end(self) -> str:
        return f"with {last_of(self.text)}"


def split(text: str) -> Output:
    """The lines that are whole: a last one without its end may have lost digits, and counts for nothing.

    Raises: `ToolOutputError` where nothing was printed.
    """
    if not text.strip():
        raise ToolOutputError('The output is "", empty: keep what the program prints on stdout and stderr.')
    lines = text.splitlines()
    return Output(text, tuple(lines if text.endswith(("\n", "\r")) else lines[:-1]))


def last_of(text: str) -> str:
    """The end of the last line that is not blank, quoted."""
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "")
    return quoted(last.rstrip()[-LONGEST_QUOTE:])


def quoted(line: str | re.Match[str]) -> str:
    """The line as a person can search for it, without control characters."""
    text = line if isinstance(line, str) else line.string
    printable = "".join(c if c.isprintable() else " " for c in text.strip())
    return f'"{printable[:LONGEST_QUOTE]}{"..." if len(printable) > LONGEST_QUOTE else ""}"'


def time_of(number: str, unit: str, line: str, *, is_inference: bool = True) -> Reading:
    """The time that `NUMBER` and a unit say; one that is not of an inference may be 0.

    Raises: `ToolOutputError` for an unknown unit, `ImpossibleOutputError` for what is no number and for a time that
    cannot be.
    """
    if unit not in UNITS_NS:
        raise ToolOutputError(f"{unit!r} is no unit of time, it is one of {', '.join(UNITS_NS)}: {quoted(line)}.")
    value = Decimal(number)
    ns = float(value * UNITS_NS[unit]) if value.is_finite() else math.nan
    if not (SHORTEST_NS if is_inference else 0.0) <= ns <= LONGEST_NS:
        raise ImpossibleOutputError(f"{number} {unit} is no time that this can take: {quoted(line)}.")
    exponent = value.as_tuple().exponent
    return Reading(ns, float(Decimal(1).scaleb(int(exponent)) * UNITS_NS[unit]), line)


def matched_time(found: re.Match[str], group: int = 1, *, is_inference: bool = True) -> Reading:
    """The time of two neighbouring groups, `NUMBER` and `UNIT`.

    Raises: `ToolOutputError`.
    """
    return time_of(found.group(group), found.group(group + 1), found.string, is_inference=is_inference)


def count_of(number: str, line: str, *, at_least: int = 0) -> int:
    """Raises: `ToolOutputError` for a count below `at_least`."""
    if int(number) < at_least:
        raise ToolOutputError(f"{number} is no number of timed runs: {quoted(line)}.")
    return int(number)


def check_ascending(*readings: Reading | None) -> None:
    """That the readings do not contradict each other beyond how they were rounded; missing ones are skipped.

    Raises: `ImpossibleOutputError`.
    """
    present = [reading for reading in readings if reading is not None]
    for small, large in pairwise(present):
        slack_ns = small.resolution_ns + large.resolution_ns + ROUNDING * large.ns
        if small.ns > large.ns + slack_ns:
            raise ImpossibleOutputError(
                f"Its numbers contradict each other, {small.ns / 1e6:g} ms should not be above {large.ns / 1e6:g} ms: "
                f"{quoted(large.line)}."
            )


def check_equal(one: Reading, other: Reading) -> None:
    """Raises: `ImpossibleOutputError` where two prints of one number differ beyond how they were rounded."""
    check_ascending(one, other)
    check_ascending(other, one)
