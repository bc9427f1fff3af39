"""Storing stated values: each exists once, none is ever changed, and what stands of them fills cells of its own."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.catalog.models import Configuration
from apps.results.actions.board import current_board
from apps.results.actions.store_stated import Fate, Refused, Reported, try_stated
from apps.results.actions.submit import accept_submission
from apps.results.actions.submitted_cells import current_submitted, rebuild_submitted, recompute_submitted
from apps.results.actions.withdraw import withdraw_submission
from apps.results.choice import Candidate, choose
from apps.results.models import BoardCell, Result, Submission, SubmittedCell
from apps.results.stated.reading import read_rows
from tests.factories import NOW, make_agent, make_user, submission_message, submit_record
from tests.stated import LATENCY, SLUG, TOP1, many, ndjson, state

pytestmark = pytest.mark.usefixtures("catalogue")


def fates(reports: list[Reported]) -> list[str]:
    return [report.fate.value for report in reports]


def said(report: Reported) -> str:
    [problem] = report.problems
    return f"{problem['field']}: {problem['message']}"


def cell() -> SubmittedCell:
    assert current_submitted() == recompute_submitted()
    return SubmittedCell.objects.get(metric="latency")


def test_value_is_stored_with_everything_that_says_where_it_comes_from() -> None:
    owner = make_user()

    [report] = state(owner, LATENCY | {"value": "12500.0", "unit": "us", "n": 30, "engine_release": "20260101"})

    assert report.submission is not None
    submission = Submission.objects.get(pk=report.submission)
    result = submission.results.get()
    assert (report.fate, report.result) == (Fate.STORED, result.pk)
    assert (submission.owner, submission.agent, submission.edition, submission.state) == (owner, None, 1, "accepted")
    assert (result.origin, result.evidence, result.trust_tier, result.device) == ("submission", "summary", 0, None)
    assert (result.value, result.printed, result.n) == (Decimal("12.5"), "12500.0 us", 30)
    assert (result.configuration.slug, result.engine, result.engine_release) == (SLUG, "ncnn", "20260101")
    assert submission.json()["value"] == "12.5"


def test_submitted_value_never_gets_on_the_board() -> None:
    state(make_user(), LATENCY, TOP1)

    assert not BoardCell.objects.exists()
    assert current_board() == {}


def test_same_record_in_another_unit_digits_or_order_is_there_once() -> None:
    owner = make_user()
    first = state(owner, *many(3))

    again = state(owner, *reversed(many(3)))
    written = state(owner, LATENCY | {"record_id": "r1", "value": "10001.00", "unit": "us"})

    assert fates(first) == ["stored"] * 3
    assert [report.submission for report in again] == [report.submission for report in reversed(first)]
    assert fates(again) + fates(written) == ["existing"] * 4
    assert Submission.objects.count() == Result.objects.count() == 3


def test_record_without_a_name_is_known_by_what_it_says() -> None:
    owner = make_user()
    state(owner, LATENCY)

    assert fates(state(owner, LATENCY, LATENCY | {"value": 12.6})) == ["existing", "stored"]


def test_row_that_repeats_a_row_before_is_the_same_record() -> None:
    first, other, again = state(make_user(), LATENCY, TOP1, LATENCY)

    assert fates([first, other, again]) == ["stored", "stored", "existing"]
    assert (again.submission, again.result) == (first.submission, first.result)


def test_another_owners_same_record_is_a_record_of_its_own() -> None:
    state(make_user(), LATENCY)

    assert fates(state(make_user(), LATENCY)) == ["stored"]
    assert (cell().value_count, cell().owner_count) == (2, 2)


def test_other_content_under_the_same_name_is_refused_and_nothing_is_overwritten() -> None:
    owner = make_user()
    state(owner, LATENCY | {"record_id": "r1"})

    reports = state(
        owner,
        LATENCY | {"record_id": "r1", "value": 13},
        LATENCY | {"record_id": "r2"},
        LATENCY | {"record_id": "r2", "value": 14},
        is_partial=True,
    )

    assert fates(reports) == ["refused", "stored", "refused"]
    assert said(reports[0]).startswith("record_id: Submission ")
    assert said(reports[2]).startswith("record_id: Row 2 says something else")
    assert {result.value for result in Result.objects.all()} == {Decimal("12.5")}


def test_one_wrong_row_stores_nothing_unless_a_report_is_asked_for() -> None:
    owner, rows = make_user(), [*many(2), LATENCY | {"model": "Nobody"}]

    with pytest.raises(Refused) as refused:
        state(owner, *rows)
    assert not Submission.objects.exists()
    reports = state(owner, *rows, is_partial=True)

    assert [report.row for report in refused.value.reports] == [3]
    assert fates(reports) == ["stored", "stored", "refused"]
    assert Result.objects.count() == 2


def test_dry_run_says_the_same_and_stores_nothing() -> None:
    owner = make_user()
    state(owner, LATENCY)
    rows = read_rows(ndjson([LATENCY, TOP1, LATENCY | {"engine": "x"}]), "application/x-ndjson")
    configurations = Configuration.objects.count()

    reports = try_stated(owner=owner, rows=rows, is_partial=True, at=NOW)

    assert fates(reports) == ["existing", "valid", "refused"]
    assert Submission.objects.count() == 1
    assert Configuration.objects.count() == configurations
    with pytest.raises(Refused):
        try_stated(owner=owner, rows=rows, is_partial=False, at=NOW)


def test_correction_is_a_new_edition_and_the_old_one_stays() -> None:
    owner = make_user()
    [first] = state(owner, LATENCY)

    [second] = state(owner, LATENCY | {"value": 13, "corrects": first.submission})

    old, new = Result.objects.order_by("id")
    assert (old.value, new.value) == (Decimal("12.5"), Decimal(13))
    assert old.withdrawn_because == f"superseded by submission {second.submission}"
    assert new.submission is not None
    assert (new.submission.edition, new.submission.corrects_id) == (2, first.submission)
    assert (cell().result_id, cell().value_count) == (new.pk, 1)


def test_correction_may_move_a_value_to_another_cell() -> None:
    owner = make_user()
    [first] = state(owner, LATENCY)

    state(owner, LATENCY | {"engine": "tflite", "corrects": first.submission})

    assert cell().configuration.slug == "sd855-bs1-t1.tflite.snapdragon-855"


def test_correction_that_is_sent_again_is_there_once() -> None:
    owner = make_user()
    [first] = state(owner, LATENCY)
    correction = LATENCY | {"value": 13, "corrects": first.submission}

    assert fates(state(owner, correction) + state(owner, correction)) == ["stored", "existing"]


def test_many_corrections_take_no_more_queries_than_one() -> None:
    owner = make_user()
    reports = state(owner, *many(60))
    corrections = [
        record | {"record_id": f"new{number}", "value": 20, "corrects": report.submission}
        for number, (record, report) in enumerate(zip(many(60), reports, strict=True))
    ]

    assert _queries(owner, corrections[:1]) == _queries(owner, corrections[1:])
    assert cell().value_count == 60
    assert Result.objects.exclude(withdrawn_at=None).count() == 60


def test_only_ones_own_stated_standing_and_newest_edition_is_corrected() -> None:
    owner, other = make_user(), make_user()
    agent = make_agent(owner=owner)[0]
    record = submit_record(agent, submission_message())
    [mine], [theirs] = state(owner, LATENCY), state(other, LATENCY)
    [newer] = state(owner, LATENCY | {"value": 13, "corrects": mine.submission})
    [withdrawn] = state(owner, TOP1)
    assert withdrawn.submission is not None
    withdraw_submission(
        submission=Submission.objects.get(pk=withdrawn.submission), reason="wrong images", by=owner, at=NOW
    )

    reports = state(
        owner,
        LATENCY | {"value": 14, "corrects": theirs.submission},
        LATENCY | {"value": 15, "corrects": 10**12},
        LATENCY | {"value": 16, "corrects": record.pk},
        LATENCY | {"value": 17, "corrects": mine.submission},
        LATENCY | {"value": 18, "corrects": withdrawn.submission},
        LATENCY | {"value": 19, "corrects": newer.submission},
        LATENCY | {"value": 20, "corrects": newer.submission},
        is_partial=True,
    )

    assert fates(reports) == ["refused"] * 5 + ["stored", "refused"]
    assert [said(report) for report in reports if report.problems] == [
        f"corrects: You have no submission {theirs.submission}: one corrects one's own.",
        f"corrects: You have no submission {10**12}: one corrects one's own.",
        f"corrects: {record.pk} is a record of zooboard-runner: withdraw it, and send the right one.",
        f"corrects: {mine.submission} was corrected by {newer.submission} already: correct that one.",
        f"corrects: {withdrawn.submission} was withdrawn: send a new record, without `corrects`.",
        f"corrects: Row 6 corrects {newer.submission} already: send one correction.",
    ]


@pytest.mark.parametrize(
    "changes",
    [{"body": b"{}"}, {"sha256": "0" * 64}, {"submission_id": "x"}, {"edition": 2}, {"citation": "another"}],
)
def test_what_was_sent_in_cannot_be_changed_by_any_code(changes: dict[str, Any]) -> None:
    state(make_user(), LATENCY)

    with pytest.raises(IntegrityError, match="what was sent in is never changed or deleted"), transaction.atomic():
        Submission.objects.update(**changes)


@pytest.mark.parametrize("changes", [{"value": 1}, {"printed": "1"}, {"metric": "storage"}, {"n": 7}])
def test_submitted_value_cannot_be_changed_by_any_code(changes: dict[str, Any]) -> None:
    state(make_user(), LATENCY)

    with pytest.raises(IntegrityError, match="what was sent in is never changed or deleted"), transaction.atomic():
        Result.objects.update(**changes)


@pytest.mark.parametrize("table", [Result, Submission])
def test_nothing_that_was_sent_in_can_be_deleted(table: Any) -> None:
    state(make_user(), LATENCY)
    SubmittedCell.objects.all().delete()

    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        table.objects.all()._raw_delete("default")


def test_cell_is_what_the_one_function_chooses() -> None:
    first, second = make_user(), make_user()
    state(first, LATENCY | {"value": 14, "measured_at": "2026-02-03T00:00:00Z"})
    state(second, LATENCY | {"value": 11, "measured_at": "2026-02-05T00:00:00Z"}, at=NOW - timedelta(days=9))
    state(first, LATENCY | {"value": 12, "measured_at": "2026-02-04T00:00:00Z"})

    results = list(Result.objects.all())
    chosen = choose(
        Candidate(r.pk, r.value, r.trust_tier, bool(r.flags), False, False, r.measured_at or r.created_at, None)
        for r in results
    )
    assert chosen is not None
    found = cell()
    assert (found.result_id, found.value_min, found.value_max) == (chosen.result_id, chosen.value_min, chosen.value_max)
    assert (found.result.value, found.value_count, found.owner_count) == (Decimal(11), 3, 2)


def test_record_of_an_agent_fills_a_submitted_cell_too_and_leaves_it_when_it_is_withdrawn() -> None:
    agent = make_agent()[0]
    submission = submit_record(agent, submission_message())
    assert accept_submission(submission_pk=submission.pk, at=NOW)
    assert SubmittedCell.objects.count() == 2
    assert current_submitted() == recompute_submitted()

    assert withdraw_submission(submission=submission, reason="wrong clock", by=agent.owner, at=NOW) == 2

    assert not SubmittedCell.objects.exists()
    assert not recompute_submitted()


def test_table_of_cells_can_be_made_anew() -> None:
    state(make_user(), LATENCY, TOP1)
    before = current_submitted()
    SubmittedCell.objects.all().delete()

    assert rebuild_submitted() == 2
    assert current_submitted() == before


def test_many_records_take_no_more_queries_than_few() -> None:
    owner = make_user()
    state(owner, *many(10))

    assert _queries(owner, many(20)) == _queries(owner, many(220))


def _queries(owner: User, records: list[dict[str, Any]]) -> int:
    with CaptureQueriesContext(connection) as captured:
        state(owner, *records)
    return len(captured)
