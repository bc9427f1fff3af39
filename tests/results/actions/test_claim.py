"""What was measured fills a value once, whoever sends it under whatever lease."""

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps

from apps.fleet.models import Agent
from apps.results.actions.accept import accept_attempt
from apps.results.actions.submit import accept_submission
from apps.results.models import Result, SamplesClaim, Submission
from apps.runs.models import Attempt
from runners import wire
from tests.devices import PHONE_PROTOCOL, STATED, phone, summary_record
from tests.factories import (
    COMPLEXITY,
    NOW,
    latency_record,
    make_agent,
    make_leased,
    measure,
    result_message,
    submission_message,
    submit,
    submit_record,
    timed,
)

pytestmark = pytest.mark.usefixtures("catalogue")


def accept(message: wire.SubmissionRequest, agent: Agent | None = None) -> Submission:
    submission = submit_record(agent or make_agent()[0], message)
    accept_submission(submission_pk=submission.pk, at=NOW)
    submission.refresh_from_db()
    return submission


def _accepted_run(record: wire.Record) -> Attempt:
    attempt = make_leased()
    assert measure(attempt, result_message(attempt, record))
    return attempt


def test_samples_of_a_run_are_refused_under_another_lease() -> None:
    record = latency_record()
    first = _accepted_run(record)
    second = make_leased()

    measure(second, result_message(second, record))

    second.refresh_from_db()
    assert second.state == "quarantined"
    assert second.reason == (
        "refused: Its samples, each to the nanosecond, are those of the accepted result of run "
        f"{first.run_id}: measure again."
    )
    assert (second.run.state, second.run.counted_attempts) == ("queued", 1)
    assert not Result.objects.filter(attempt=second).exists()


def test_samples_with_everything_else_retold_are_refused() -> None:
    record = latency_record()
    _accepted_run(record)
    retold = [process.model_copy(update={"load_ns": 1, "facts": {"other": True}}) for process in record.processes[::-1]]
    second = make_leased()

    measure(second, result_message(second, record.model_copy(update={"processes": retold})))

    second.refresh_from_db()
    assert second.state == "quarantined"


def test_samples_of_a_run_are_refused_when_they_are_sent_in() -> None:
    record = latency_record()
    first = _accepted_run(record)

    submission = accept(submission_message(record))

    assert submission.state == "refused"
    assert f"the accepted result of run {first.run_id}" in submission.problems[0]


def test_samples_that_were_sent_in_are_refused_under_another_submission_of_anybody() -> None:
    record = latency_record()
    agent, _ = make_agent()
    assert accept(submission_message(record), agent).state == "accepted"

    again = [accept(submission_message(record), sender) for sender in (agent, make_agent()[0])]

    assert [submission.state for submission in again] == ["refused", "refused"]
    assert "the accepted result that was sent in without a lease" in again[0].problems[0]
    assert Result.objects.filter(metric="latency").count() == 1


def test_samples_that_were_sent_in_are_refused_under_a_lease() -> None:
    record = latency_record()
    accept(submission_message(record))
    attempt = make_leased()

    assert measure(attempt, result_message(attempt, record)) == []


def test_same_result_and_the_same_submission_once_more_change_nothing() -> None:
    attempt = make_leased()
    message = result_message(attempt)
    measure(attempt, message)
    agent, _ = make_agent()
    sent = submission_message()
    submission = accept(sent, agent)

    submit(attempt, message)
    again = accept(sent, agent)

    assert not accept_attempt(attempt_id=attempt.pk, at=NOW)
    attempt.refresh_from_db()
    assert attempt.state == "accepted"
    assert (again.pk, again.state) == (submission.pk, "accepted")
    assert SamplesClaim.objects.count() == 2


def test_refused_record_claims_nothing_so_that_a_corrected_one_is_taken() -> None:
    record = latency_record()

    wrong = accept(submission_message(record).model_copy(update={"engine_release": "9.9"}))
    corrected = accept(submission_message(record))

    assert (wrong.state, corrected.state) == ("refused", "accepted")


def _leased_phone(at: datetime = NOW) -> Attempt:
    return make_leased(protocol=PHONE_PROTOCOL, device=phone(), at=at)


def test_summary_of_a_run_is_refused_under_another_lease_whatever_else_is_said_of_it() -> None:
    first, second = _leased_phone(), _leased_phone()
    record = timed(summary_record(), at=NOW)
    assert isinstance(record, wire.SummaryRecord)
    assert measure(first, result_message(first, record))
    retold = [each.model_copy(update={"facts": {"is_throttled": False}}) for each in record.invocations[::-1]]
    other = record.model_copy(update={"invocations": retold, "tool_release": "1"})

    measure(second, result_message(second).model_copy(update={"record": other}))

    second.refresh_from_db()
    assert second.state == "quarantined"
    assert f"by start and output, are those of the accepted result of run {first.run_id}: " in second.reason


def test_summary_of_an_earlier_lease_is_refused_where_only_the_times_of_the_whole_are_retold() -> None:
    later = NOW + timedelta(hours=1)
    record, second = timed(summary_record(), at=NOW), _leased_phone(later)

    measure(second, result_message(second, at=later).model_copy(update={"record": record}), at=later)

    second.refresh_from_db()
    assert second.state == "quarantined"
    assert "Invocation 1 was started 2026-03-01 11:59:00+00:00, the whole from 2026-03-01 12:59:00" in second.reason


def test_honest_program_may_print_the_same_numbers_twice() -> None:
    record, later = summary_record(), NOW + timedelta(hours=1)
    first, second = _leased_phone(), _leased_phone(later)

    assert measure(first, result_message(first, record))
    assert measure(second, result_message(second, record, at=later), at=later)


def test_lie_that_is_told_consistently_is_not_found_out() -> None:
    """What trust tiers are for: whoever also moves the start of every invocation has made a measurement of it."""
    record, later = timed(summary_record(), at=NOW), NOW + timedelta(hours=1)
    first, second = _leased_phone(), _leased_phone(later)
    assert measure(first, result_message(first, record))

    results = measure(second, result_message(second, timed(record, at=later), at=later), at=later)

    assert {result.trust_tier for result in results} == {0}


def test_log_that_is_sent_in_twice_is_refused_the_second_time() -> None:
    device = phone(facts=STATED)
    summary = submission_message(
        summary_record(), protocol=PHONE_PROTOCOL, engine=device.engines[0].name, device=device
    )

    states = [accept(summary.model_copy(update={"submission_id": f"{n:032x}"})).state for n in range(2)]

    assert states == ["accepted", "refused"]


def test_counts_have_nothing_to_claim() -> None:
    for _ in range(2):
        assert measure(make_leased(protocol=COMPLEXITY))

    assert not SamplesClaim.objects.exists()


def test_migration_claims_for_what_was_accepted_before_and_for_the_first_of_two() -> None:
    record = latency_record()
    first = _accepted_run(record)
    assert measure(make_leased(protocol=COMPLEXITY))
    submission = accept(submission_message())
    before = set(SamplesClaim.objects.values_list("sha256", "attempt", "submission"))
    SamplesClaim.objects.filter(attempt=first).delete()
    doubled = _accepted_run(record)
    SamplesClaim.objects.all().delete()

    import_module("apps.results.migrations.0007_samples_used_once").claim_accepted(apps, None)

    assert set(SamplesClaim.objects.values_list("sha256", "attempt", "submission")) == before
    assert {claim.submission for claim in SamplesClaim.objects.all()} == {None, submission}
    assert not SamplesClaim.objects.filter(attempt=doubled).exists()
