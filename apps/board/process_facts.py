"""What the agent read of a phone, a GPU or a host around each process, as a table: one row each, units in the head."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runners.statistics.facts import number

Facts = Mapping[str, Any]
MOST_WORDS, LONGEST_WORD = 10, 60


@dataclass(frozen=True)
class FactColumn:
    """`read` gives the text of a process, empty where its facts do not say."""

    label: str
    unit: str
    read: Callable[[Facts], str]

    @property
    def title(self) -> str:
        return f"{self.label} ({self.unit})" if self.unit else self.label


def fact_table(facts: Sequence[Facts], *, noun: str) -> dict[str, Any] | None:
    """`titles`, and a row of `cells` for each process or invocation; None where no facts say any of it.

    `facts` are the agent's own words and may be anything: what is not of the kind that is looked for is missing.
    """
    shown = [column for column in _COLUMNS if any(column.read(each) for each in facts)]
    if not shown:
        return None
    rows = [
        {"number": count, "cells": [{"label": column.title, "text": column.read(each)} for column in shown]}
        for count, each in enumerate(facts, start=1)
    ]
    return {"noun": noun, "titles": [column.title for column in shown], "rows": rows}


def _number(*paths: tuple[str, ...], decimals: int = 0, per: float = 1.0) -> Callable[[Facts], str]:
    """The first of these paths that leads to a number, divided by `per`."""

    def read(facts: Facts) -> str:
        found = next((value for path in paths if (value := number(dict(facts), *path)) is not None), None)
        return "" if found is None else f"{found / per:,.{decimals}f}"

    return read


def _pair(before: Callable[[Facts], str], after: Callable[[Facts], str]) -> Callable[[Facts], str]:
    def read(facts: Facts) -> str:
        first, last = before(facts), after(facts)
        return f"{first or 'not read'} → {last}" if last else first

    return read


def _either(*readers: Callable[[Facts], str]) -> Callable[[Facts], str]:
    return lambda facts: next((text for read in readers if (text := read(facts))), "")


def _yes_or_no(key: str) -> Callable[[Facts], str]:
    def read(facts: Facts) -> str:
        said = facts.get(key, "")
        if said is None:
            return "not known"
        return ("yes" if said else "no") if isinstance(said, bool) else ""

    return read


def _reasons(facts: Facts) -> str:
    """A GPU that tells its reasons and has none says so; one that does not tell them is silent."""
    said = facts.get("throttle_reasons")
    if not isinstance(said, list):
        return ""
    words = [word.replace("_", " ")[:LONGEST_WORD] for word in said[:MOST_WORDS] if isinstance(word, str)]
    return ", ".join(words) or "none"


def _readings(*path: str) -> Callable[[Facts], str]:
    def read(facts: Facts) -> str:
        value: Any = facts
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return f"{len(value):,}" if isinstance(value, list) else ""

    return read


_KHZ_PER_MHZ = 1_000.0
_BEFORE_C = (("temperature_before_c",), ("gpu", "before", "temperature_c"), ("before", "temperature_c"))
_AFTER_C = (("temperature_after_c",), ("gpu", "after", "temperature_c"))
_COLUMNS = (
    FactColumn(
        "Temperature before → after", "°C", _pair(_number(*_BEFORE_C, decimals=1), _number(*_AFTER_C, decimals=1))
    ),
    FactColumn("Highest", "°C", _number(("temperature_max_c",), ("gpu", "temperature_max_c"), decimals=1)),
    FactColumn("At rest", "°C", _number(("baseline_c",), decimals=1)),
    FactColumn("Clock before", "MHz", _number(("before", "frequency_mhz"))),
    FactColumn(
        "Lowest clock",
        "MHz",
        _either(_number(("frequency_min_khz",), per=_KHZ_PER_MHZ), _number(("gpu", "sm_min_mhz"))),
    ),
    FactColumn("Highest clock", "MHz", _number(("gpu", "sm_max_mhz"))),
    FactColumn("Permitted clock", "MHz", _number(("clock", "permitted_khz"), per=_KHZ_PER_MHZ)),
    FactColumn(
        "Full clock",
        "MHz",
        _either(_number(("frequency_max_khz",), per=_KHZ_PER_MHZ), _number(("gpu", "after", "sm_application_mhz"))),
    ),
    FactColumn("Memory clock", "MHz", _number(("gpu", "after", "memory_mhz"))),
    FactColumn("Throttled", "", _yes_or_no("is_throttled")),
    FactColumn("Throttle reasons", "", _reasons),
    FactColumn(
        "Power before → after",
        "W",
        _pair(_number(("gpu", "before", "power_w"), decimals=1), _number(("gpu", "after", "power_w"), decimals=1)),
    ),
    FactColumn(
        "Battery before → after", "%", _pair(_number(("battery_percent",)), _number(("battery_after_percent",)))
    ),
    FactColumn("Battery", "°C", _number(("battery_c",), decimals=1)),
    FactColumn("Charging", "", _yes_or_no("is_charging")),
    FactColumn("Screen on", "", _yes_or_no("is_screen_on")),
    FactColumn("Load average", "", _number(("before", "load_average"), decimals=2)),
    FactColumn("Readings", "", _either(_readings("samples"), _readings("gpu", "samples"))),
)
