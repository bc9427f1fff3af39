"""Temperature and clock of a phone or a GPU while it was measured, as its agent read them about once a second."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runners.statistics.facts import number

Facts = Mapping[str, Any]
_KHZ_PER_MHZ = 1_000.0
_PATHS = (("samples",), ("gpu", "samples"))
MOST_CORES = 16
"""A phone has eight; what else an agent may state is not drawn."""


@dataclass(frozen=True)
class Watched:
    """One process or invocation: when it began, and what the agent says of the device meanwhile."""

    started_at: datetime
    facts: Facts


@dataclass(frozen=True)
class Readings:
    """Rows with `process` (int, from 1), `at_s` since the first process began, `quantity` (temperature | clock), `core`
    ("core 7", or empty for a GPU) and `value` in degrees Celsius or MHz. `levels` are what they are compared with.
    """

    rows: list[dict[str, Any]]
    levels: list[dict[str, Any]]


def read(watched: Sequence[Watched]) -> Readings | None:
    """None where there is nothing to draw a line through.

    Facts are the agent's own words and may be anything: what is not of the kind that is looked for is missing.
    """
    if not watched:
        return None
    first = min(each.started_at for each in watched)
    rows = [row for count, each in enumerate(watched, start=1) for row in _rows(count, each, first)]
    if len({row["at_s"] for row in rows}) < 2:
        return None
    quantities = {row["quantity"] for row in rows}
    return Readings(rows, [level for level in _levels(watched[0].facts) if level["quantity"] in quantities])


def _rows(process: int, watched: Watched, first: datetime) -> Iterator[dict[str, Any]]:
    begins_s = (watched.started_at - first).total_seconds()
    for sample in _samples(watched.facts):
        at_s = number(sample, "at_s")
        if at_s is None:
            continue
        known = {"process": process, "at_s": round(begins_s + at_s, 2)}
        temperature_c = number(sample, "temperature_c")
        if temperature_c is not None:
            yield known | {"quantity": "temperature", "core": "", "value": temperature_c}
        for core, mhz in _clocks(sample):
            yield known | {"quantity": "clock", "core": core, "value": mhz}


def _samples(facts: Facts) -> list[dict[str, Any]]:
    for path in _PATHS:
        value: Any = facts
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, list):
            return [each for each in value if isinstance(each, dict)]
    return []


def _clocks(sample: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """(core, MHz) of each core of a phone that was watched, or of the GPU."""
    by_core = sample.get("frequencies_khz")
    for core in list(by_core)[:MOST_CORES] if isinstance(by_core, dict) else ():
        khz = number(sample, "frequencies_khz", core)
        if khz is not None:
            yield f"core {core[:10]}", khz / _KHZ_PER_MHZ
    mhz = number(sample, "sm_mhz")
    if mhz is not None:
        yield "", mhz


def _levels(facts: Facts) -> Iterator[dict[str, Any]]:
    """The temperature at rest, and the clock that the device could run at."""
    known = dict(facts)
    rest_c, full_khz = number(known, "baseline_c"), number(known, "frequency_max_khz")
    full_mhz = number(known, "gpu", "after", "sm_application_mhz") if full_khz is None else full_khz / _KHZ_PER_MHZ
    if rest_c is not None:
        yield {"quantity": "temperature", "label": "at rest", "value": rest_c}
    if full_mhz is not None:
        yield {"quantity": "clock", "label": "full clock", "value": full_mhz}
