"""Whether what a benchmark program printed says what was stated of it: for a site that takes records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from runners import tools
from runners.tools.base import Samples, Summary
from runners.tools.messages import LONGEST_EVIDENCE, tool_summary
from runners.tools.reading import ROUNDING, ImpossibleOutputError, Reading, ToolOutputError, quoted
from runners.tools.setting import Setting, contradictions
from runners.wire import LatencyRecord, SummaryRecord, ToolSummary

NS_PER_MS = 1e6
ADVICE = "measure what is stated, or state what was measured."
TIMES = {
    "mean": "a mean",
    "median": "a median",
    "min": "a minimum",
    "max": "a maximum",
    "standard_deviation": "a standard deviation",
    "init": "an init",
    "first": "a first inference",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """`contradictions` are sentences for the record's sender; `unread` says why, of each output that nobody can read.

    An output that cannot be read contradicts nothing: it may be cut off, or of a program or a release that is not
    known here.
    """

    contradictions: list[str]
    unread: list[str]


def compare(record: SummaryRecord, setting: Setting | None = None) -> Compared:
    """Each invocation's numbers, and with `setting` how it is stated to have been measured, beside its own output."""
    found: list[str] = []
    unread: list[str] = []
    for number, said in enumerate(record.invocations, start=1):
        try:
            printed = _printed(record.tool, said)
        except ImpossibleOutputError as error:
            found.append(f"The output of invocation {number} cannot be true. {error}")
        except (ToolOutputError, tools.UnknownToolError) as error:
            unread.append(str(error))
        else:
            # The first says enough: what does not belong together differs everywhere.
            first = next(_contradictions(said, printed, setting), None)
            found += [f"Invocation {number} states {first}"] if first else []
    return Compared(found, unread)


def compare_samples(record: LatencyRecord, setting: Setting) -> list[str]:
    """What speaks against each process by the facts that were read from its output, which no samples have."""
    return [
        f"For process {number} stated is {each.stated}, its facts say {each.printed}: {ADVICE}"
        for number, process in enumerate(record.processes, start=1)
        for each in contradictions(process.facts, setting)
    ]


def _printed(tool: str, said: ToolSummary) -> Summary:
    """What the output says; counts that it does not say are as stated.

    Raises: `ToolOutputError`, `runners.tools.UnknownToolError`.
    """
    # The last line of an output that fills its place may have lost its end, and any other one only its line feed.
    output = said.output if len(said.output) >= LONGEST_EVIDENCE else f"{said.output}\n"
    parsed = tools.find(tool).parse(output, warmup=said.warmup, repeats=said.runs)
    if isinstance(parsed, Samples):
        raise ToolOutputError("It is a file of samples, not what was printed.")
    return parsed


def _contradictions(said: ToolSummary, printed: Summary, setting: Setting | None) -> Iterator[str]:
    if printed.runs != said.runs:
        yield f"{said.runs} timed runs, its output says {printed.runs}: state what was printed."
    for each in contradictions(printed.facts, setting) if setting else ():
        yield f"{each.stated}, its output says {each.printed}: {ADVICE}"
    read = tool_summary(printed, output="", started_at=said.started_at)
    for name, title in TIMES.items():
        reading: Reading | None = getattr(printed, name)
        stated_ns, read_ns = getattr(said, f"{name}_ns"), getattr(read, f"{name}_ns")
        if reading is None or stated_ns is None:
            continue
        if abs(stated_ns - read_ns) > reading.resolution_ns + ROUNDING * reading.ns:
            yield f"{title} of {_ms(stated_ns)}, its output says {_ms(read_ns)}: {quoted(reading.line)}."


def _ms(ns: float) -> str:
    return f"{ns / NS_PER_MS:.7g} ms"
