"""How much was measured beside how much a protocol asks for: less is less evidence, and no other value."""

from collections.abc import Sequence
from dataclasses import dataclass

from runners.wire import LatencyRecord, SummaryRecord


@dataclass(frozen=True)
class Counts:
    """What there is and what was asked for; 0 where nothing is asked for.

    Shapes: `runs` has the timed inferences of each process, or of each invocation of a benchmark program.
    """

    runs: Sequence[int] = ()
    processes: int = 0
    repeats: int = 0
    is_of_invocations: bool = False


NOTHING_ASKED = Counts()


def counts_of(record: LatencyRecord | SummaryRecord, *, processes: int | None, repeats: int | None) -> Counts:
    """`processes` and `repeats` are the protocol's."""
    is_summary = isinstance(record, SummaryRecord)
    runs = (
        [each.runs for each in record.invocations]
        if isinstance(record, SummaryRecord)
        else [len(each.wall_ns) for each in record.processes]
    )
    return Counts(runs, processes or 0, repeats or 0, is_of_invocations=is_summary)


def find_few_invocations(counts: Counts) -> str | None:
    return _other_number(counts) if len(counts.runs) < counts.processes else None


def find_many_invocations(counts: Counts) -> str | None:
    """More is no less evidence, but not what was ordered either."""
    return _other_number(counts) if 0 < counts.processes < len(counts.runs) else None


def find_few_samples(counts: Counts) -> str | None:
    fewest = min(counts.runs, default=counts.repeats)
    if fewest >= counts.repeats:
        return None
    has = f"An invocation timed {fewest} runs" if counts.is_of_invocations else f"A process has {fewest} samples"
    return f"{has}, the protocol asks for at least {counts.repeats}."


def _other_number(counts: Counts) -> str:
    number = len(counts.runs)
    one, several = ("invocation", "invocations") if counts.is_of_invocations else ("process", "processes")
    has = f"{'' if counts.is_of_invocations else 'samples of '}{number} {one if number == 1 else several}"
    return f"It has {has}, the protocol asks for {counts.processes}."
