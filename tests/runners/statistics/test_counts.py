import pytest

from runners.statistics.counts import (
    NOTHING_ASKED,
    Counts,
    counts_of,
    find_few_invocations,
    find_few_samples,
    find_many_invocations,
)
from tests.devices import summary_record
from tests.factories import latency_record


def test_counts_of_samples_are_those_of_each_process() -> None:
    counts = counts_of(latency_record(samples=7), processes=5, repeats=50)

    assert counts == Counts([7] * 5, 5, 50, is_of_invocations=False)


def test_counts_of_a_summary_are_what_each_invocation_says() -> None:
    counts = counts_of(summary_record(invocations=2, runs=30), processes=None, repeats=None)

    assert counts == Counts([30, 30], 0, 0, is_of_invocations=True)


@pytest.mark.parametrize(
    ("counts", "sentences"),
    [
        (Counts([100] * 5, 5, 100), []),
        (NOTHING_ASKED, []),
        (Counts([100, 99], 0, 0), []),
        (Counts([100], 5, 100), ["It has samples of 1 process, the protocol asks for 5."]),
        (Counts([100], 5, 100, is_of_invocations=True), ["It has 1 invocation, the protocol asks for 5."]),
        (Counts([9] * 6, 5, 9, is_of_invocations=True), ["It has 6 invocations, the protocol asks for 5."]),
        (Counts([100, 99], 2, 100), ["A process has 99 samples, the protocol asks for at least 100."]),
        (
            Counts([100, 30], 2, 100, is_of_invocations=True),
            ["An invocation timed 30 runs, the protocol asks for at least 100."],
        ),
    ],
)
def test_what_differs_from_what_was_asked_for_is_said_with_both_numbers(counts: Counts, sentences: list[str]) -> None:
    found = [find(counts) for find in (find_few_invocations, find_many_invocations, find_few_samples)]

    assert [sentence for sentence in found if sentence] == sentences
