"""Pages of what runs: with `format` their address has their data, as the API has it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.api.calls import assert_problem
from tests.board.addresses import Site, make_site
from tests.factories import make_user

LISTS = ["runs", "agents", "campaigns"]
PAGES = [*LISTS, "runs/<int:run_id>", "agents/<name:public_id>", "campaigns/<int:campaign_id>"]


@pytest.fixture(scope="module")
def site(tables: None, django_db_blocker: Any) -> Iterator[Site]:
    """Gone with the published tables, in whose transaction it is."""
    with django_db_blocker.unblock():
        yield make_site(make_user("seen as data"))


@pytest.mark.parametrize("route", PAGES)
def test_page_has_the_data_that_the_api_has(visitor: Client, site: Site, db: None, route: str) -> None:
    address = site.address(route)

    data = visitor.get(f"{address}?format=json")
    page = visitor.get(f"{address}?format=html")

    assert data.json() == visitor.get(f"/api/v1{address}/").json()
    assert page["Content-Type"].startswith("text/html")
    assert visitor.get(f"{address}?format=json", headers={"If-None-Match": data["ETag"]}).status_code == 304


@pytest.mark.parametrize("route", LISTS)
def test_list_is_a_file_with_the_parameters_of_the_api(visitor: Client, site: Site, db: None, route: str) -> None:
    for kind in ("csv", "parquet"):
        file = visitor.get(f"/{route}?format={kind}&fields=id&sort=-id")

        assert file.content == visitor.get(f"/api/v1/{route}/?format={kind}&fields=id&sort=-id").content
        assert file.content


def test_mistake_is_refused_as_the_api_does(visitor: Client, site: Site, db: None) -> None:
    assert_problem(visitor.get("/runs?format=json&stat=done"), 400, "unknown-parameter")
    assert_problem(visitor.get(f"{site.address('runs/<int:run_id>')}?format=csv"), 400, "bad-request")
    assert_problem(visitor.get("/agents/nobody?format=json"), 404, "not-found")
