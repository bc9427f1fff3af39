"""Changes of a history over REST, from real runs."""

from typing import Any

import pytest

from apps.results.actions.withdraw import withdraw_results
from apps.results.api import schema
from apps.results.models import Result
from tests.api.calls import Caller, assert_problem
from tests.factories import MODEL, NOW, OTHER_MODEL, make_user
from tests.histories import AFTER, BEFORE, FASTER_MS, NEW, OLD, SLOWER_MS, measure_history, measure_slower_release

pytestmark = pytest.mark.usefixtures("published")


def latency_changes(caller: Caller) -> list[schema.ChangeRow]:
    page = schema.ChangePage.model_validate_json(caller.get("history/changes/", model=MODEL).content)
    return [row for row in page.results if row.metric == "latency"]


def test_change_names_the_first_run_after_it_and_what_differs_around_it(anonymous: Caller) -> None:
    measured = measure_slower_release()

    [change] = latency_changes(anonymous)

    first, last = measured[BEFORE], measured[BEFORE - 1]
    assert first.attempt is not None
    assert last.attempt is not None
    assert (change.result, change.run, change.measured_at) == (first.pk, first.attempt.run_id, first.measured_at)
    assert (change.result_before, change.run_before) == (last.pk, last.attempt.run_id)
    assert (change.count_before, change.count_after, change.is_better) == (BEFORE, AFTER, False)
    assert change.before == pytest.approx(FASTER_MS, rel=0.01)
    assert change.ratio == pytest.approx(SLOWER_MS / FASTER_MS, rel=0.01)
    assert [each.model_dump() for each in change.differences] == [
        {"fact": "engine_release", "before": OLD, "after": NEW}
    ]
    assert change.sentence == (
        f"12.0 % slower since run {change.run} on 2026-03-15, {change.after:.3f} ms instead of {change.before:.3f} ms "
        f"(medians of {AFTER} and {BEFORE} values). What differs: engine release {NEW} instead of {OLD}."
    )


def test_runs_of_the_history_are_those_that_a_change_counts(anonymous: Caller) -> None:
    measure_slower_release()

    [change] = latency_changes(anonymous)

    rows = anonymous.all_rows("history/", model=MODEL, metric="latency", configuration=change.configuration)
    ids = [row["id"] for row in rows]
    assert ids.index(change.result) == change.count_before == ids.index(change.result_before) + 1
    assert len(ids) == change.count_before + change.count_after


def test_two_devices_of_different_speed_are_two_series(anonymous: Caller) -> None:
    for level_ms in (FASTER_MS, SLOWER_MS):
        measure_history([level_ms] * 10, releases=[OLD] * 10)

    assert latency_changes(anonymous) == []


def test_flagged_and_withdrawn_values_are_left_out(anonymous: Caller) -> None:
    measured = measure_slower_release()
    after = [result.pk for result in measured[BEFORE:]]

    Result.objects.filter(pk__in=after[:2]).update(flags=["busy-host"])
    [change] = latency_changes(anonymous)
    assert (change.result, change.count_after) == (after[2], AFTER - 2)

    withdraw_results(result_ids=after, reason="another network", by=make_user(is_staff=True), at=NOW)
    assert latency_changes(anonymous) == []


def test_history_without_a_change_has_none(anonymous: Caller) -> None:
    measure_history([FASTER_MS] * 21, releases=[OLD] * 21)

    assert anonymous.get("history/changes/", model=MODEL).json() == {"next": None, "results": []}
    assert anonymous.get("history/changes/", model=OTHER_MODEL).json()["results"] == []


def test_changes_are_read_in_few_queries_and_not_sent_again(
    anonymous: Caller, django_assert_max_num_queries: Any
) -> None:
    measure_slower_release()

    with django_assert_max_num_queries(4):
        answer = anonymous.get("history/changes/", model=MODEL)

    again = anonymous.get_file(f"history/changes/?model={MODEL}", **{"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_file_has_a_line_for_each_change(anonymous: Caller) -> None:
    measure_slower_release()

    lines = anonymous.get("history/changes/", model=MODEL, fields="run,ratio,sentence", format="csv").content.decode()

    assert lines.splitlines()[0] == "run,ratio,sentence"
    assert len(lines.splitlines()) == 1 + len(anonymous.get("history/changes/", model=MODEL).json()["results"])


@pytest.mark.parametrize("query", ["", "?model=", "?model=MobileNetV9", f"?model={MODEL},{OTHER_MODEL}"])
def test_it_wants_one_model_that_exists(anonymous: Caller, query: str) -> None:
    problem = assert_problem(anonymous.get(f"history/changes/{query}"), 400, "bad-request")

    assert [error.field for error in problem.errors] == ["model"]
    assert "/api/v1/models/" in problem.detail
