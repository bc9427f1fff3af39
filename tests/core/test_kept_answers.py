"""Answers that a process gives again: to whom, for how long, and how many of them."""

from typing import Any

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory, override_settings

from apps.core import kept_answers
from apps.core.kept_answers import KeptAnswers, keep

ETAG = '"of-the-first"'


class Site:
    """A view behind the middleware that counts how often it was asked."""

    def __init__(self, *, status: int = 200, cookie: str = "", content: bytes = b"content") -> None:
        self.state = "first"
        self.asked = 0
        self._made: dict[str, Any] = {"status": status, "content": content}
        self._cookie = cookie
        self.middleware = KeptAnswers(self._view)

    def get(self, address: str = "/", **headers: str) -> HttpResponseBase:
        return self.middleware(RequestFactory().get(address, headers=headers))

    def _view(self, request: HttpRequest) -> HttpResponseBase:
        self.asked += 1
        response = HttpResponse(**self._made, headers={"ETag": ETAG, "Content-Language": "en"})
        if self._cookie:
            response.set_cookie(self._cookie, "1")
        return keep(response, state=lambda: self.state, said=self.state)


def test_the_same_answer_is_given_again_with_its_headers() -> None:
    site = Site()
    first, again = site.get(), site.get()

    assert site.asked == 1
    assert isinstance(again, HttpResponse)
    assert again.content == b"content"
    assert dict(again.items()) == dict(first.items())


def test_another_state_has_the_view_asked_again() -> None:
    site = Site()
    site.get()
    site.state = "second"
    site.get()

    assert site.asked == 2


def test_client_that_has_it_is_told_so() -> None:
    site = Site()
    site.get()

    answer = site.get(if_none_match=ETAG)

    assert (answer.status_code, answer["ETag"], site.asked) == (304, ETAG, 1)


@pytest.mark.parametrize(
    "headers",
    [{"cookie": "sessionid=1"}, {"authorization": "Bearer zbt_1"}, {"cache_control": "no-cache"}],
    ids=lambda headers: next(iter(headers)),
)
def test_passed_by(headers: dict[str, str]) -> None:
    site = Site()
    site.get()
    site.get(**headers)

    assert site.asked == 2


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/?page=2", {}),
        ("/", {"host": "localhost"}),
        ("/", {"accept": "text/html"}),
        ("/", {"accept_encoding": "gzip"}),
        ("/", {"hx_request": "true"}),
    ],
)
def test_what_may_be_another_answer_is_asked_for(address: str, headers: dict[str, str]) -> None:
    site = Site()
    site.get()
    site.get(address, **headers)

    assert site.asked == 2


@pytest.mark.parametrize("made", [{"status": 404}, {"cookie": "messages"}], ids=["an error", "a cookie"])
def test_what_is_not_for_all_is_not_kept(made: dict[str, Any]) -> None:
    site = Site(**made)
    site.get()
    site.get()

    assert site.asked == 2


def test_oldest_goes_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "BUDGET_BYTES", 2_500)
    site = Site(content=b"." * 1_000)
    for page in (1, 2, 3):
        site.get(f"/?page={page}")

    site.get("/?page=3")
    site.get("/?page=2")
    assert site.asked == 3
    site.get("/?page=1")
    assert site.asked == 4


def test_long_one_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "LONGEST_BYTES", 6)
    site = Site()
    site.get()
    site.get()

    assert site.asked == 2


@override_settings(IS_READING_CLOSED=True)
def test_closed_site_keeps_nothing() -> None:
    with pytest.raises(MiddlewareNotUsed):
        Site()
