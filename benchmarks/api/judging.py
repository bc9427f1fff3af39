"""What came out, and what is accepted of it. Knows neither Django nor the site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAST_OF_MINIMAL = 0.9
LEAST_OF_PGBENCH = 0.30
LONGEST_P99_MS = 50
MOST_GROWTH = 1.3
"""Of the time of an answer, from the second size to the largest."""
LEAST_GAIN_UNCHANGED = 2
RESULTS = "results, 50 rows"


@dataclass(frozen=True)
class Figures:
    """Of one question at one size. An export counts rows a second instead of answers, by one client."""

    name: str
    is_page: bool
    is_export: bool
    per_second: float
    """Made anew for each; of a page what visitors get, which the site made for the first of them."""
    p50_ms: float
    p99_ms: float
    answer_bytes: int
    anew_ms: float | None
    """To make one answer for a client who is alone; None for an export."""
    kept_per_second: float | None
    """Answers to whoever lets the site give one that it gave before; None for an export."""
    unchanged_per_second: float | None
    """Answers 304 to who has it; None where the address has no ETag."""
    minimal_per_second: float
    pgbench_per_second: float

    @property
    def of_minimal(self) -> float:
        return self.per_second / self.minimal_per_second

    @property
    def of_pgbench(self) -> float:
        return self.per_second / self.pgbench_per_second

    @property
    def gain_unchanged(self) -> float | None:
        return None if self.unchanged_per_second is None else self.unchanged_per_second / self.per_second

    def line(self) -> str:
        unchanged = "-" if self.gain_unchanged is None else f"{self.gain_unchanged:.1f}"
        kept = "-" if self.kept_per_second is None else f"{self.kept_per_second:,.0f}"
        anew = "-" if self.anew_ms is None else f"{self.anew_ms:.1f}"
        times = "-" if self.is_export else f"{self.p50_ms:.1f} / {self.p99_ms:.1f}"
        return (
            f"| {self.name} | {self.per_second:,.0f} | {times} | {self.answer_bytes / 1024:,.1f} "
            f"| {self.of_minimal:.2f} | {self.of_pgbench:.2f} | {anew} | {kept} | {unchanged} |"
        )


HEAD = (
    "| question | answers/s | p50 / p99 ms | KiB | of minimal | of pgbench | anew, alone, ms | kept/s "
    "| 304 over answer |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def problems(figures: Mapping[int, Sequence[Figures]]) -> list[str]:
    """By number of results. Whatever is not accepted, in sentences."""
    found = [
        f"at {size:,} results: {problem}"
        for size, questions in figures.items()
        for f in questions
        for problem in _of(f)
    ]
    return found + _growth(figures)


def _of(f: Figures) -> list[str]:
    found = []
    if not f.is_page and f.of_minimal < LEAST_OF_MINIMAL:
        found.append(f"{f.name} has {f.of_minimal:.2f} of the minimal view's answers, not {LEAST_OF_MINIMAL}")
    if f.name == RESULTS and f.of_pgbench < LEAST_OF_PGBENCH:
        found.append(f"{f.name} has {f.of_pgbench:.2f} of pgbench's, not {LEAST_OF_PGBENCH}")
    if not f.is_export and f.p99_ms >= LONGEST_P99_MS:
        found.append(f"the p99 of {f.name} is {f.p99_ms:.0f} ms, not below {LONGEST_P99_MS}")
    if not f.is_page and f.gain_unchanged is not None and f.gain_unchanged < LEAST_GAIN_UNCHANGED:
        found.append(
            f"304 of {f.name} is {f.gain_unchanged:.1f} times as fast as the answer, not {LEAST_GAIN_UNCHANGED}"
        )
    return found


def _growth(figures: Mapping[int, Sequence[Figures]]) -> list[str]:
    """From the second size on every one has as many models: more results must not make an answer slower."""
    sizes = sorted(figures)
    if len(sizes) < 3:
        return []
    before = {f.name: f for f in figures[sizes[1]]}
    grown = [
        (f.name, before[f.name].per_second / f.per_second)
        for f in figures[sizes[-1]]
        if not f.is_export and f.name in before
    ]
    return [
        f"{name} takes {growth:.2f} times as long at {sizes[-1]:,} results as at {sizes[1]:,}, not {MOST_GROWTH}"
        for name, growth in grown
        if growth > MOST_GROWTH
    ]
