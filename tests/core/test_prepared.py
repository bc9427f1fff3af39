from functools import partial
from typing import Any

import pytest
from django.db import connection

from apps.catalog.models import Family, Network
from apps.core.prepared import Lookup, Written, prepared, prepared_again
from tests.factories import seed_catalogue


@pytest.fixture(autouse=True)
def _catalogue(db: None) -> None:
    seed_catalogue()


def test_rows_are_those_of_the_query() -> None:
    found = Network.objects.filter(family__slug="MobileNetV1").order_by("id")
    rows = found.values_list("id", "name", "width_multiplier", "family__title", "family__paper", "base__name")

    assert prepared(rows) == list(rows) != []


def test_values_of_another_request_are_its_own() -> None:
    names = [
        prepared(Family.objects.filter(slug=slug).values_list("slug", "building_blocks"))[0][0]
        for slug in ("MobileNetV1", "MobileNetV2", "MobileNetV1")
    ]

    assert names == ["MobileNetV1", "MobileNetV2", "MobileNetV1"]


def test_statement_is_planned_once_for_a_connection() -> None:
    for slug in ("MobileNetV1", "MobileNetV2", "MobileNetV1"):
        prepared(Family.objects.filter(slug=slug, year__gte=1900).values_list("title"))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%_family%year%'"
        )
        assert cursor.fetchall() == [(3, 0)]


def test_query_that_can_have_no_row_asks_nothing(django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert prepared(Network.objects.filter(pk__in=[]).values_list("id")) == []


def test_query_is_counted_like_any_other(django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        prepared(Network.objects.values_list("id")[:3])


def test_lookup_gives_the_rows_of_each_name() -> None:
    def rows(name: str) -> Any:
        return Network.objects.filter(name=name).values_list("name", "width_multiplier", "base__name")

    lookup = Lookup(rows)

    for name in ("MobileNetV1", "MobileNetV1_ssld", "MobileNetV1", "no such model"):
        assert lookup(name) == list(rows(name))


def test_lookup_refuses_a_query_in_which_the_name_is_lost() -> None:
    lookup = Lookup(lambda name: Family.objects.filter(year=len(name)).values_list("slug"))

    with pytest.raises(AssertionError, match="as it is"):
        lookup("MobileNetV1")


def test_statement_of_a_key_is_written_once_and_read_every_time() -> None:
    written: list[str] = []

    def rows() -> Any:
        written.append("once")
        return Family.objects.filter(slug="MobileNetV1").values_list("title")

    first = prepared_again(Written("a title", rows))
    Family.objects.filter(slug="MobileNetV1").update(title="Another")
    again = prepared_again(Written("a title", rows))

    assert again == [("Another",)] != first
    assert len(written) == 1


def test_another_key_is_another_statement() -> None:
    def rows(slug: str) -> Any:
        return Family.objects.filter(slug=slug).values_list("slug")

    slugs = ("MobileNetV1", "MobileNetV2")
    names = [prepared_again(Written(("a family", slug), partial(rows, slug))) for slug in slugs]

    assert names == [[("MobileNetV1",)], [("MobileNetV2",)]]
