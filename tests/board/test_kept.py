"""What is drawn once and shown again."""

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from apps.accounts.models import User
from apps.board import kept as keeping
from apps.board.figures.drawing import Shown
from apps.board.figures.table import FIGURES
from apps.board.kept import kept
from apps.catalog.models import Network
from apps.results.leaderboard import load_board
from tests.core.together import together


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def test_the_same_content_is_built_once() -> None:
    kept("kind", {"a": 1}, lambda: 1)

    assert kept("kind", {"a": 1}, lambda: 2) == 1


def test_the_same_content_is_built_once_for_all_who_need_it_together() -> None:
    built: list[int] = []

    def build() -> int:
        built.append(1)
        return len(built)

    answers = together([lambda: kept("kind", {"a": 3}, build)] * 4)

    assert answers == [1] * 4
    assert built == [1]


def test_other_content_and_another_kind_are_built_anew() -> None:
    kept("kind", {"a": 1}, lambda: 1)

    assert kept("kind", {"a": 2}, lambda: 2) == 2
    assert kept("other", {"a": 1}, lambda: 3) == 3


def test_another_release_of_what_draws_builds_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    kept("kind", {"a": 1}, lambda: 1)
    monkeypatch.setattr(keeping, "drawing_code", lambda: "another release")

    assert kept("kind", {"a": 1}, lambda: 2) == 2


def test_warm_charts_draws_what_the_overview_of_the_figures_shows(published: None) -> None:
    call_command("warm_charts", figures=True)

    def draw() -> str:
        raise AssertionError("was not drawn before")

    for figure in FIGURES.values():
        shown = Shown(figure, load_board(), ())
        assert not shown.is_drawable or kept("figure-small", shown.facts, draw).startswith("<svg")


def test_board_is_rendered_once_until_something_on_it_is_written(published: None, visitor: Client) -> None:
    before = visitor.get("/")
    unchanged = visitor.get("/", headers={"If-None-Match": before["ETag"]})
    Network.objects.filter(name="MobileNetV1").update(name="MobileNetV1-renamed")
    after = visitor.get("/", headers={"If-None-Match": before["ETag"]})

    assert b"MobileNetV1-renamed" in after.content
    assert (unchanged.status_code, after.status_code) == (304, 200)


def test_kept_board_never_shows_one_visitor_what_is_another_ones(
    published: None, visitor: Client, member: Client, user: User
) -> None:
    visitor.get("/")
    own = member.get("/")
    again = visitor.get("/")

    assert user.get_username().encode() in own.content
    assert user.get_username().encode() not in again.content
    assert "Cookie" in again["Vary"]
    assert own["ETag"] != again["ETag"]
