"""Facts that agents state of a machine, nested as they come, and which of them changed at some moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]
Path = tuple[str, ...]
"""To a fact through the nested ones: ("cpu", "logical_cores")."""


@dataclass(frozen=True)
class FactDifference:
    """The texts are None where the fact is not stated."""

    path: Path
    before: str | None
    after: str | None


def fact_name(path: Path) -> str:
    """As people read it: "cpu › logical cores"."""
    return " › ".join(path).replace("_", " ")


def flat_facts(facts: Facts, above: Path = ()) -> dict[Path, str]:
    """The text of each fact that is stated, in their order."""
    found: dict[Path, str] = {}
    for key, value in facts.items():
        if isinstance(value, Mapping):
            found |= flat_facts(value, (*above, key))
        elif value is not None:
            found[*above, key] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return found


def fact_differences(before: Sequence[Facts], after: Sequence[Facts]) -> list[FactDifference]:
    """The facts on which all before agree and all after agree, but not with each other.

    What varies by itself, such as a load or a temperature, agrees on neither side.
    """
    sides = [[flat_facts(facts) for facts in side] for side in (before, after)]
    paths = dict.fromkeys(path for side in sides for facts in side for path in facts)
    found = []
    for path in paths:
        earlier, later = ({facts.get(path) for facts in side} for side in sides)
        if len(earlier) == len(later) == 1 and earlier != later:
            found.append(FactDifference(path, earlier.pop(), later.pop()))
    return found
