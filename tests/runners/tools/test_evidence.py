"""Stated numbers beside the outputs that they were read from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from runners import protocols
from runners.tools import evidence, find, messages
from runners.tools.base import Summary
from runners.tools.setting import Setting
from runners.wire import SummaryRecord, ToolSummary
from tests.devices import gpu_record
from tests.runners.tools.printed import EXCERPTS, WHOLE, printed

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ALL = EXCERPTS | WHOLE


def said(name: str, *, text: str | None = None, **changes: Any) -> ToolSummary:
    """What an honest agent states of an output, but for the changes."""
    output = printed(name) if text is None else text
    parsed = find(ALL[name]).parse(output, warmup=10, repeats=30)
    assert isinstance(parsed, Summary)
    return messages.tool_summary(parsed, output=output, started_at=AT).model_copy(update=changes)


def setting(protocol: str) -> Setting:
    return Setting(protocols.find(protocol), artifact_precision="fp32")


def compared(*invocations: ToolSummary, tool: str = "mnn", protocol: str | None = None) -> evidence.Compared:
    record = messages.summary_record(invocations, tool=tool, tool_release="1")
    return evidence.compare(record, setting(protocol) if protocol else None)


@pytest.mark.parametrize("name", ALL)
def test_numbers_that_were_printed_are_no_contradiction(name: str) -> None:
    invocation = said(name)

    assert compared(invocation, tool=ALL[name]) == evidence.Compared([], [])


@pytest.mark.parametrize("name", ALL)
def test_output_without_its_last_line_feed_is_read_all_the_same(name: str) -> None:
    invocation = said(name)

    found = compared(invocation.model_copy(update={"output": invocation.output.strip("\n")}), tool=ALL[name])

    assert found == evidence.Compared([], [])


@pytest.mark.parametrize("name", ALL)
def test_long_output_of_which_only_lines_are_kept_is_read_all_the_same(name: str) -> None:
    invocation = said(name, text=printed(name) + "# a profile of every operator\n" * 2_000)

    found = compared(invocation, tool=ALL[name])

    assert "[the lines that were read of" in invocation.output
    assert found == evidence.Compared([], [])


@pytest.mark.parametrize("name", ALL)
def test_mean_that_was_not_printed_is_a_contradiction_with_both_numbers(name: str) -> None:
    honest = said(name)

    found = compared(honest.model_copy(update={"mean_ns": honest.mean_ns / 2}), tool=ALL[name])

    stated, read = (f"{ns / 1e6:.7g} ms" for ns in (honest.mean_ns / 2, honest.mean_ns))
    [problem] = found.contradictions
    assert problem.startswith(f"Invocation 1 states a mean of {stated}, its output says {read}: ")


@pytest.mark.parametrize(
    ("changes", "threads", "says"),
    [
        ({"min_ns": 4_000_000.0}, 1, 'states a minimum of 4 ms, its output says 4.821 ms: "[ - ] model.mnn'),
        ({"max_ns": 9_000_000.0}, 1, "states a maximum of 9 ms, its output says 6.496 ms"),
        ({"runs": 1_000}, 1, "states 1000 timed runs, its output says 100: state what was printed."),
        ({}, 4, "states a protocol of 4 threads, its output says 1: measure what is stated"),
    ],
)
def test_every_number_is_held_against_the_output(changes: dict[str, Any], threads: int, says: str) -> None:
    found = compared(said("mnn_whole", **changes), protocol=f"phone-bs1-t{threads}")

    assert says in found.contradictions[0]


def test_facts_that_were_read_beside_samples_are_held_against_the_setting() -> None:
    fp32 = gpu_record(facts={"precisions": ["fp32"]})

    found = evidence.compare_samples(fp32, setting("t4-fp16-bs1"))

    assert len(found) == len(fp32.processes)
    assert found[0].startswith("For process 1 stated is a precision of fp16, its facts say fp32: ")
    assert evidence.compare_samples(fp32, setting("t4-fp32-bs1")) == []


@pytest.mark.parametrize("changes", [{"mean_ns": 5_192_400.0}, {"min_ns": None}, {"first_ns": 7e6}, {"warmup": 3}])
def test_more_digits_and_numbers_on_one_side_only_are_no_contradiction(changes: dict[str, Any]) -> None:
    assert compared(said("mnn_whole", **changes)) == evidence.Compared([], [])


def test_invocation_that_differs_is_named() -> None:
    honest = said("mnn_whole")

    found = compared(honest, honest.model_copy(update={"mean_ns": 6e6}), honest)

    assert [problem[:12] for problem in found.contradictions] == ["Invocation 2"]


UNREADABLE: dict[str, tuple[Callable[[str], str], str]] = {
    "nothing": (lambda output: "", "empty"),
    "the beginning": (lambda output: output[:40], "cut off"),
    "another program": (lambda output: "BUILD SUCCESSFUL in 2s\n", "another program's"),
    "two models": (lambda output: output + output, "more than one"),
    "another unit": (lambda output: output.replace(" ms", " min"), "no unit of time"),
    "as much as there is room for": (lambda output: ("#\n" * 10_000 + output)[:20_000], "cut off"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_output_that_cannot_be_read_contradicts_nothing_and_is_counted(what: str) -> None:
    spoil, says = UNREADABLE[what]
    honest = said("mnn_whole")

    found = compared(honest, honest.model_copy(update={"output": spoil(honest.output)}))

    assert found.contradictions == []
    assert len(found.unread) == 1
    assert says in found.unread[0]


def test_only_the_last_line_of_an_output_that_fills_its_place_may_have_lost_digits() -> None:
    line = "[ - ] X.mnn   max = 9 ms  min = 8 ms  avg = 9 ms"
    room = messages.LONGEST_EVIDENCE - len(line)

    full, shorter = (compared(said("mnn_whole", output="\n" * n + line)) for n in (room, room - 1))

    assert (len(full.unread), full.contradictions) == (1, [])
    assert (shorter.unread, len(shorter.contradictions)) == ([], 1)


def test_program_that_nobody_knows_here_is_unread() -> None:
    found = compared(said("mnn_whole"), tool="armnn-perf")

    assert found.contradictions == []
    assert "There is no benchmark program 'armnn-perf' here" in found.unread[0]


def test_file_of_samples_is_no_printed_output() -> None:
    found = compared(said("trtexec", output=printed("trtexec_times.json")[:19_000]), tool="trtexec")

    assert len(found.unread) == 1


@pytest.mark.parametrize(
    ("printed_text", "says"),
    [
        ("[ - ] X.mnn   max = 6.496 ms  min = 4.821 ms  avg = 9.192 ms", "Its numbers contradict each other"),
        ("[ - ] X.mnn   max = nan ms  min = nan ms  avg = nan ms", "nan ms is no time that this can take"),
    ],
)
def test_output_that_cannot_be_true_is_a_contradiction(printed_text: str, says: str) -> None:
    found = compared(said("mnn", output=printed_text))

    assert found.unread == []
    assert f"The output of invocation 1 cannot be true. {says}" in found.contradictions[0]


def test_record_of_many_invocations_names_each_problem_once() -> None:
    invocation = said("mnn_whole", mean_ns=1e6, min_ns=1e6, max_ns=1e6)
    record = SummaryRecord(tool="mnn", tool_release="1", invocations=[invocation] * 50, stated_mean_ns=1e6)

    assert len(evidence.compare(record).contradictions) == 50
