"""Cursor paging neither repeats nor skips rows."""

from urllib.parse import parse_qs, urlsplit

import pytest

from apps.results.models import Result
from tests.api.calls import Caller, assert_problem
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


@pytest.mark.parametrize(
    ("path", "sort"),
    [
        ("results/", "value"),
        ("results/", "-updated_at"),
        ("results/", "measured_at"),
        ("results/", "-measured_at"),
        ("models/", "base"),
        ("models/", "-width_multiplier"),
    ],
)
def test_pages_in_any_order_have_every_row_once(anonymous: Caller, path: str, sort: str) -> None:
    measure(make_leased(protocol="complexity-224"))
    name = sort.removeprefix("-")

    rows = anonymous.all_rows(path, sort=sort, limit=7 if path == "models/" else 60)

    places = [row["id"] for row in rows]
    assert sorted(places) == sorted(row["id"] for row in anonymous.all_rows(path, limit=1000))
    present = [(row[name], row["id"]) for row in rows if row[name] is not None]
    assert present == sorted(present, reverse=sort.startswith("-"))
    assert all(row[name] is None for row in rows[len(present) :])


def test_cursor_is_good_for_its_list_and_order_alone(anonymous: Caller) -> None:
    cursor = parse_qs(urlsplit(anonymous.get("results/", sort="value", limit=5).json()["next"]).query)["cursor"][0]

    for path, sort in (("results/", "model"), ("results/", "-value"), ("models/", "id")):
        assert_problem(anonymous.get(path, sort=sort, cursor=cursor), 400, "bad-request")
