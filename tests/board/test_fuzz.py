"""Every address with whatever people and robots put into it: never a 500, and a mistake says what is valid.

What an address takes is learned from its own refusal: a new page and a new parameter are tried without a word here.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.board.addresses import GAP, ROUTES, Site, make_site
from tests.factories import make_user

NOT_OURS = {
    "login": "Django's, which reads `next` alone",
    "login/link": "sesame's, which reads its token alone",
    "healthz": "asked by machines that may add what they like",
    "readyz": "asked by machines that may add what they like",
    "api/schema/": "drf-spectacular's",
    "api/docs/": "drf-spectacular's",
}
"""Addresses that leave unknown parameters alone."""
ANY_TEXT = {"q"}
"""Parameters of which every value is valid: a search may find nothing."""
BOUNDS = ("min.top1", "max.top1")
"""Named after columns, so that no list of parameters has them."""
SAYS_WHAT_IS_VALID = (
    r"[Vv]alid( ones)?[: ]|lists them|must be|at most|take it from|Name 2 to 8|name one to|has \d+ letters|names \d+"
    r"|send it once"
)
WRONG = ("☃", "\0", "x" * 5000, "-1", "9" * 30, "²")
NO_NUMBER = WRONG[:1]
"""What is wrong of a bound, which may be any number."""
LIKELY = ("json", "html", "csv", "1", "2", "1000000", "top1", "-top1", "model", "MobileNetV1", "log", "1,2,3,4", ",")
ODD = ("1e999", "nan", "' OR 1=1", "<script>", "%", "&", "=", "\u202e", "\ufffe")
NUMBERS = (0, 2**63 - 1, 2**63, 2**64, "9" * 5000)
NAMES = ("x" * 3000, "☃", "a%00b", "..%2f..", "%ff")
VALUES = st.one_of(st.sampled_from([*WRONG, *LIKELY, *ODD]), st.text(max_size=20), st.binary(min_size=1, max_size=4))


@pytest.fixture(scope="module")
def site(tables: None, django_db_blocker: Any) -> Iterator[Site]:
    """Gone with the published tables, in whose transaction it is."""
    with django_db_blocker.unblock():
        yield make_site(make_user("fuzzed", is_staff=True))


@pytest.fixture
def owner(site: Site, db: None) -> Client:
    """Signed in, so that no page hides behind the log-in."""
    client = Client()
    client.force_login(site.owner)
    return client


def said(answer: Any) -> str:
    """What an answer says. Raises: AssertionError where a refusal has not the shape that was asked for."""
    request = answer.wsgi_request
    is_framed = request.path.startswith("/embed/")
    if request.path.startswith("/api/") or (request.GET.get("format") == "json" and not is_framed):
        assert answer["Content-Type"] == "application/json", request.get_full_path()
        return str(answer.json()["detail"])
    return str(answer.content.decode())


def parameters(client: Client, address: str) -> list[str]:
    """Those that the address names when it is asked for another one; none where it is not for reading."""
    answer = client.get(address, {"no-such": "1"})
    assert answer.status_code != 200, f"{address} takes an unknown parameter without a word"
    found = re.search(r"Valid ones: ([\w., -]+)\.", said(answer)) if answer.status_code == 400 else None
    return found[1].split(", ") if found else []


@pytest.fixture
def known(owner: Client, site: Site) -> dict[str, list[str]]:
    """Every address for reading that has parameters, with their names."""
    addresses = [site.address(route) for route in ROUTES if route not in NOT_OURS]
    return {address: names for address in addresses if (names := parameters(owner, address))}


def test_wrong_value_of_every_parameter_is_refused_with_what_is_valid(
    owner: Client, known: dict[str, list[str]]
) -> None:
    asked = [(address, name) for address, names in known.items() for name in names if name not in ANY_TEXT]

    for address, name in asked:
        for value in NO_NUMBER if name.startswith(("min.", "max.")) else WRONG:
            answer = owner.get(address, {name: value})

            assert answer.status_code == 400, f"{address}?{name}={value[:20]!r} is {answer.status_code}"
            assert re.search(SAYS_WHAT_IS_VALID, said(answer)), f"{address}?{name}={value[:20]!r}: {said(answer)[:500]}"


def test_repeated_parameter_is_refused_or_becomes_one_list(owner: Client, known: dict[str, list[str]]) -> None:
    asked = [(address, name) for address, names in known.items() for name in names]

    for address, name in asked:
        answer = owner.get(address, {name: ["1", "2"]})

        is_list = answer.status_code == 302 and f"{name}=1%2C2" in answer["Location"].replace("1,2", "1%2C2")
        assert is_list or (answer.status_code == 400 and re.search(SAYS_WHAT_IS_VALID, said(answer))), address + name


def test_page_past_the_end_shows_the_last_one(owner: Client, known: dict[str, list[str]]) -> None:
    paged = [address for address, names in known.items() if "page" in names]

    statuses = {address: owner.get(address, {"page": "999999"}).status_code for address in paged}

    assert statuses
    assert set(statuses.values()) == {200}, statuses


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_whatever_an_address_says_is_answered(owner: Client, known: dict[str, list[str]], data: st.DataObject) -> None:
    address = data.draw(st.sampled_from(sorted(known)))
    names = st.one_of(st.sampled_from([*known[address], *BOUNDS, "format"]), st.text(max_size=6))
    query = urlencode(data.draw(st.lists(st.tuples(names, VALUES), max_size=3)))

    # A bug is raised here, instead of being answered with a 500.
    answer = owner.get(f"{address}?{query}")

    assert answer.status_code in (200, 302, 400, 429)
    assert answer.status_code != 400 or said(answer)


@pytest.mark.parametrize("hostile", [pytest.param(each, id=str(each)[:12]) for each in (*NUMBERS, *NAMES)])
def test_name_or_number_that_nothing_has_is_not_found(owner: Client, hostile: str | int) -> None:
    gapped = [route for route in ROUTES if GAP.search(route) and ("<int:" in route) == (hostile in NUMBERS)]

    for route in gapped:
        address = "/" + GAP.sub(str(hostile), route.removeprefix("^").removesuffix("$"))
        statuses = {owner.get(address).status_code, owner.post(address, {}, "application/json").status_code}

        assert statuses <= {200, 302, 400, 401, 403, 404, 405, 415, 422}, f"{route}: {statuses}"
        assert "<int:" not in route or statuses <= {401, 404, 405}, f"{route}: {statuses}"


@pytest.mark.parametrize(
    ("address", "status", "kind", "says"),
    [
        ("/runs?format=json&speed=1", 400, "unknown-parameter", "Valid ones: "),
        ("/?format=json&sort=speed", 400, "bad-request", "A key is <metric>.<configuration>"),
        ("/families/ResNet?format=json", 404, "not-found", "There is no family ResNet."),
        ("/charts/pie?format=json", 404, "not-found", "pie"),
    ],
)
def test_who_asks_for_json_is_refused_in_the_shape_of_the_api(
    owner: Client, address: str, status: int, kind: str, says: str
) -> None:
    answer = owner.get(address)

    problem = answer.json()
    assert (answer.status_code, set(problem)) == (status, {"type", "title", "detail", "errors"})
    assert problem["type"] == kind
    assert says in problem["detail"]


@pytest.mark.parametrize("route", NOT_OURS)
def test_address_that_leaves_unknown_parameters_alone_is_answered_whatever_they_say(
    site: Site, db: None, route: str
) -> None:
    stranger = Client()

    for value in WRONG:
        answer = stranger.get(site.address(route), dict.fromkeys(("next", "sesame", "lang", "version"), value))

        assert answer.status_code in (200, 400, 403, 406, 429)


def test_address_with_more_parameters_than_anybody_sends_is_a_400(visitor: Client) -> None:
    assert visitor.get("/?" + "&".join(f"max.{n}=1" for n in range(1001))).status_code == 400
