"""Cursor paging neither repeats nor skips rows."""

import pytest

from apps.results.models import Result
from tests.api.calls import Caller
from tests.factories import make_leased, make_runs, make_user, measure

pytestmark = pytest.mark.usefixtures("published")


def test_pages_are_stable_while_results_arrive(anonymous: Caller) -> None:
    before = list(Result.objects.order_by("id").values_list("id", flat=True))
    first = anonymous.get("results/", limit=200).json()

    measured = measure(make_leased(protocol="complexity-224"))

    second = anonymous.client.get(first["next"]).json()
    third = anonymous.client.get(second["next"]).json()
    ids = [row["id"] for page in (first, second, third) for row in page["results"]]
    assert ids == [*before, *(result.pk for result in measured)]
    assert third["next"] is None


def test_pages_of_a_newest_first_list_are_stable_while_runs_arrive(anonymous: Caller) -> None:
    user = make_user()
    runs = make_runs(requested_by=user, models=["MobileNetV1", "MobileNetV2", "MobileNetV1_x0_25"])
    first = anonymous.get("runs/", limit=2).json()

    make_runs(requested_by=user)

    second = anonymous.client.get(first["next"]).json()
    ids = [row["id"] for page in (first, second) for row in page["results"]]
    assert ids == [run.pk for run in reversed(runs)]


def test_next_keeps_the_filters(anonymous: Caller) -> None:
    first = anonymous.get("results/", metric="top1", limit=10).json()

    second = anonymous.client.get(first["next"]).json()

    assert "metric=top1" in first["next"]
    assert {row["metric"] for row in second["results"]} == {"top1"}


def test_last_page_that_is_exactly_full_has_no_next(anonymous: Caller) -> None:
    page = anonymous.get("results/", metric="top1", limit=32).json()

    assert (len(page["results"]), page["next"]) == (32, None)


def test_cursor_beyond_every_row_gives_an_empty_page(anonymous: Caller) -> None:
    beyond = "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"

    page = anonymous.get("results/", cursor=beyond).json()

    assert page == {"next": None, "results": []}
