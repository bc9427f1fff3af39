from datetime import datetime, timedelta, timezone

import pytest

from apps.fleet.models import Agent
from apps.results.lease_times import start_problems, time_problems
from apps.runs.models import Attempt
from runners import wire
from tests.factories import NOW, make_leased, result_message

pytestmark = pytest.mark.usefixtures("catalogue")

HOUR_S = 3600.0
ENDED = NOW + timedelta(minutes=10)


def _attempt(*, at_lease_s: float | None, since_s: float | None) -> Attempt:
    """Leased at NOW and over at ENDED; how far off the agent's clock was at the lease, and at its last contact."""
    attempt = make_leased()
    Agent.objects.filter(pk=attempt.agent_id).update(clock_skew_s=since_s)
    Attempt.objects.filter(pk=attempt.pk).update(clock_skew_s=at_lease_s)
    return Attempt.objects.select_related("agent", "run__artifact").get(pk=attempt.pk)


def _problems(attempt: Attempt, *, start_s: float, end_s: float) -> list[str]:
    """Of a result whose times are so long after the lease and after its end, by the agent's clock."""
    attempt.ended_at = ENDED
    times = {"started_at": NOW + timedelta(seconds=start_s), "finished_at": ENDED + timedelta(seconds=end_s)}
    return time_problems(attempt, result_message(attempt).model_copy(update=times))


@pytest.mark.parametrize("skew_s", [None, 0.0, HOUR_S, -40 * 24 * HOUR_S])
def test_times_of_the_lease_are_taken_however_far_off_the_clock_is(skew_s: float | None) -> None:
    attempt = _attempt(at_lease_s=skew_s, since_s=skew_s)

    assert _problems(attempt, start_s=(skew_s or 0) + 1, end_s=(skew_s or 0) - 1) == []


@pytest.mark.parametrize(("at_lease_s", "since_s"), [(HOUR_S, 0.2), (-HOUR_S, 0.2), (0.2, HOUR_S)])
def test_clock_that_is_set_while_it_measures_costs_no_result(at_lease_s: float, since_s: float) -> None:
    attempt = _attempt(at_lease_s=at_lease_s, since_s=since_s)

    for started_by in (at_lease_s, since_s):
        for finished_by in (at_lease_s, since_s):
            assert _problems(attempt, start_s=started_by + 5, end_s=finished_by - 5) == []


def test_start_before_the_lease_is_refused_with_how_long_before() -> None:
    attempt = _attempt(at_lease_s=2.0, since_s=0.0)

    [problem] = _problems(attempt, start_s=-20 * 60, end_s=-1)

    assert problem.startswith("It was started 0:20:00 before its lease, by the agent's clock as the site knows it")


def test_start_before_the_lease_is_refused_of_a_clock_that_is_ahead() -> None:
    attempt = _attempt(at_lease_s=HOUR_S, since_s=HOUR_S)

    assert _problems(attempt, start_s=0, end_s=HOUR_S)


def test_end_after_the_arrival_is_refused() -> None:
    attempt = _attempt(at_lease_s=0.0, since_s=0.0)

    [problem] = _problems(attempt, start_s=0, end_s=6 * 60)

    assert problem.startswith("It was finished 0:06:00 after it arrived")


def test_few_minutes_beyond_the_known_clock_are_taken() -> None:
    attempt = _attempt(at_lease_s=0.0, since_s=0.0)

    assert _problems(attempt, start_s=-4 * 60, end_s=4 * 60) == []


def test_live_lease_ends_when_it_expires() -> None:
    attempt = _attempt(at_lease_s=0.0, since_s=0.0)
    late = {"finished_at": attempt.expires_at + timedelta(minutes=6)}

    assert "after it arrived" in time_problems(attempt, result_message(attempt).model_copy(update=late))[0]


def test_clock_at_the_beginning_of_the_calendar_is_refused_in_a_sentence() -> None:
    attempt = _attempt(at_lease_s=-6.5e10, since_s=0.0)
    first = result_message(attempt).model_copy(
        update={"started_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}
    )

    assert time_problems(attempt, first) == []
    attempt.clock_skew_s = 0.0
    assert "before its lease" in time_problems(attempt, first)[0]


@pytest.mark.parametrize(
    ("moved_s", "is_taken"), [(0.0, True), (-240.0, True), (240.0, True), (-HOUR_S, False), (HOUR_S, False)]
)
def test_process_was_started_while_the_whole_was_measured(moved_s: float, is_taken: bool) -> None:
    message = result_message(make_leased())
    assert isinstance(message.record, wire.LatencyRecord)
    first, *others = message.record.processes
    moved = first.model_copy(update={"started_at": first.started_at + timedelta(seconds=moved_s)})
    record = message.record.model_copy(update={"processes": [*others, moved]})

    problems = start_problems(message, record)

    assert [problem[:25] for problem in problems] == ([] if is_taken else ["Process 5 was started 202"])


def test_absurd_start_is_a_sentence() -> None:
    message = result_message(make_leased())
    assert isinstance(message.record, wire.LatencyRecord)
    absurd = {"started_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}
    record = message.record.model_copy(
        update={"processes": [process.model_copy(update=absurd) for process in message.record.processes]}
    )

    [problem] = start_problems(message, record)

    assert problem.startswith("Process 1 was started 0001-01-01 00:00:00+14:00, the whole from 2026-03-01 ")
