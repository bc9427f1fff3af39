"""Every page and every list asks the database at most ten times, signed in or not, however new it is."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.board.addresses import ROUTES, Site, make_site
from tests.factories import make_user

MOST_QUERIES = 10
NOT_PAGES = ("data/<slug:table>.<slug:extension>", "api/schema/", "readyz")
"""Downloads that are read in pieces, a description of code, and a look at every server behind the site."""


@pytest.fixture(scope="module")
def site(tables: None, django_db_blocker: Any) -> Iterator[Site]:
    """Gone with the published tables, in whose transaction it is."""
    with django_db_blocker.unblock():
        yield make_site(make_user("counted", is_staff=True))


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_every_address_for_reading_runs_at_most_ten_queries(site: Site, db: None, is_signed_in: bool) -> None:
    client = Client()
    if is_signed_in:
        client.force_login(site.owner)
    client.get("/")

    counts: dict[str, int] = {}
    for route in ROUTES:
        if route not in NOT_PAGES:
            with CaptureQueriesContext(connection) as asked:
                client.get(site.address(route))
            counts[route] = len(asked)

    assert {route: count for route, count in counts.items() if count > MOST_QUERIES} == {}
