"""Whoever has an answer is told so before any of it is read."""

from typing import Any

import pytest
from django.test import Client

from apps.results.models import Result
from tests.factories import NOW, make_leased, measure_latency, seed_catalogue

KEPT = ("/api/v1/results/?metric=latency", "/api/v1/leaderboard/", "/api/v1/models/MobileNetV1/")
ADDRESSES = (*KEPT, "/api/v1/results/?format=csv")


@pytest.fixture(autouse=True)
def _measured(db: None) -> None:
    seed_catalogue()
    measure_latency(make_leased())


@pytest.mark.parametrize("address", ADDRESSES)
def test_unchanged_answer_costs_one_query(client: Client, django_assert_num_queries: Any, address: str) -> None:
    first = client.get(address)

    with django_assert_num_queries(1):
        again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)
    assert again["ETag"] == first["ETag"]


@pytest.mark.parametrize("address", KEPT)
def test_answer_that_was_given_before_costs_one_query(
    client: Client, django_assert_num_queries: Any, address: str
) -> None:
    first = client.get(address)

    with django_assert_num_queries(1):
        again = client.get(address)

    assert again.content == first.content
    assert dict(again.items()) == dict(first.items())


@pytest.mark.parametrize("address", ADDRESSES)
def test_answer_is_another_one_after_a_write(client: Client, address: str) -> None:
    first = client.get(address)
    Result.objects.filter(metric="latency").update(engine_release="2.0", updated_at=NOW)

    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]


def test_addresses_have_tags_of_their_own(client: Client) -> None:
    tags = {client.get(f"/api/v1/results/?metric={metric}")["ETag"] for metric in ("latency", "cpu_time")}

    assert len(tags) == 2
