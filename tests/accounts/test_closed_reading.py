"""A site that is closed for reading shows nothing to who is not logged in, at whatever address."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from apps.accounts.actions import create_token
from apps.accounts.models import Scope, User
from tests.api.calls import Caller, assert_problem
from tests.board.addresses import ROUTES, Site, make_site
from tests.factories import NOW, make_user
from tests.seeded import published_tables

OPEN = {
    "login": "leads in",
    "login/link": "leads in",
    "login/reset": "leads in",
    "login/reset/sent": "leads in",
    "login/reset/<uidb64>/<token>": "leads in",
    "logout": "takes a POST",
    "healthz": "says whether the process lives",
    "readyz": "says whether it can answer",
}
AGENTS = "api/v1/agent/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    with override_settings(IS_READING_CLOSED=True):
        yield


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), published_tables():
        yield make_site(make_user("owner of a closed site"))


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_stranger_sees_no_page_no_file_no_badge_and_no_answer_of_the_api(site: Site, method: str) -> None:
    routes = [route for route in ROUTES if route not in OPEN and not route.startswith(AGENTS)]

    for route in routes:
        response = getattr(Client(), method)(site.address(route))

        if route.startswith(("api/", "^api/")):
            assert response.status_code == 401, route
        else:
            assert response.status_code == 302, route
            assert response["Location"].startswith("/login?next="), route


@pytest.mark.parametrize("address", ["/?format=json", "/data?format=json", "/charts/ssld-gain?format=svg"])
def test_program_without_a_token_is_told_in_json(site: Site, address: str) -> None:
    problem = assert_problem(Client().get(address), 401, "not-authenticated")

    assert "scope `read`" in problem.detail


@pytest.mark.parametrize("route", OPEN)
def test_what_leads_in_stays_open(site: Site, route: str) -> None:
    response = Client().get(site.address(route))

    assert response.status_code in (200, 302, 403, 405)
    assert not response.headers.get("Location", "").startswith("/login?next=")


def test_user_who_is_logged_in_reads_and_no_cache_between_keeps_it(site: Site) -> None:
    client = Client()
    client.force_login(site.owner)

    for address in ("/", "/data/results.csv", "/badges/MobileNetV1.svg", "/embed/charts/ssld-gain", "/api/v1/results/"):
        response = client.get(address)

        assert response.status_code == 200, address
        assert "private" in response["Cache-Control"], address
        assert "public" not in response["Cache-Control"], address


@pytest.mark.parametrize(("scope", "status"), [(Scope.READ, 200), (Scope.SUBMIT, 401)])
def test_token_reads_with_the_scope_for_it(site: Site, scope: Scope, status: int) -> None:
    caller = Caller(token_of(make_user(), scope))

    for address in ("/api/v1/results/", "/data/results.csv", "/badges/MobileNetV1.svg"):
        assert caller.get(address).status_code == status, address


def test_token_without_the_scope_read_still_does_what_it_is_for(site: Site) -> None:
    caller = Caller(token_of(make_user(), Scope.DISPATCH))

    response = caller.post("campaigns/", {"models": ["MobileNetV1_x0_25"], "protocols": ["cpu-fp32-bs1"]})

    assert response.status_code == 201


def test_agents_are_asked_for_their_own_token(site: Site) -> None:
    assert_problem(Caller().post("agent/heartbeat", {}), 401, "not-authenticated")
    assert Caller().post("agent/enroll", {}).status_code == 422


def test_closed_account_reads_nothing(site: Site) -> None:
    user = make_user()
    token = token_of(user, Scope.READ)
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert Caller(token).get("results/").status_code == 401


def token_of(user: User, scope: Scope) -> str:
    return create_token(user=user, name="test", scopes=[scope], at=NOW, life=None)
