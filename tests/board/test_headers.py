"""What every page sends along: a strict policy, and nothing that needs Redis."""

import pytest
from django.core.cache import caches
from django.test import Client
from django.test.utils import override_settings

from tests.board.pages import read_page
from tests.factories import make_leased, measure

PAGES = [
    "/",
    "/?family=MobileNetV1",
    "/runs",
    "/login",
    "/models/MobileNetV1",
    "/models/none",
    "/?nonsense=1",
    "/api/docs/",
]
NOBODY_THERE = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "unix:///nowhere/redis.sock",
    }
}

pytestmark = pytest.mark.usefixtures("published")


@pytest.mark.parametrize("path", PAGES)
def test_policy_allows_our_own_files_only(visitor: Client, path: str) -> None:
    response = visitor.get(path)

    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_other_headers_are_set(visitor: Client, path: str) -> None:
    response = visitor.get(path)

    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES[:-1])
def test_page_has_no_script_style_or_handler_of_its_own(visitor: Client, path: str) -> None:
    page = read_page(visitor.get(path))

    scripts = [s for s in page.find("script") if s.attributes.get("type") != "application/json"]
    assert all(script.attributes["src"].startswith("/static/") for script in scripts)
    assert page.find("style") == []
    assert "onclick" not in visitor.get(path).content.decode()


def test_pages_work_while_redis_is_away(visitor: Client) -> None:
    attempt = make_leased()
    measure(attempt)

    with override_settings(CACHES=NOBODY_THERE):
        caches["default"].close()
        answers = {path: visitor.get(path) for path in ("/", "/runs", f"/runs/{attempt.run_id}", "/login", "/readyz")}

    assert {answer.status_code for answer in answers.values()} == {200}
    assert "no Redis" in answers["/readyz"].content.decode()
    assert "<svg" in answers["/"].content.decode()


def test_health_says_ok(visitor: Client) -> None:
    assert [visitor.get(path).content for path in ("/healthz", "/readyz")] == [b"ok\n", b"ok\n"]


@pytest.mark.parametrize("path", [*PAGES, "/agents", "/campaigns"])
def test_page_whose_parts_follow_by_themselves_has_htmx_and_the_board_goes_without(visitor: Client, path: str) -> None:
    text = visitor.get(path).content.decode()

    assert "hx-get" not in text or "htmx" in text.partition("</head>")[0]
    assert "htmx" not in visitor.get("/").content.decode()
