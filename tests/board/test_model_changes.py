"""Changes of a model's history on its page, from real runs."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.results.leaderboard import load_board
from tests.board.pages import Element, read_page
from tests.factories import MODEL
from tests.histories import AFTER, BEFORE, FASTER_MS, NEW, OLD, measure_history, measure_slower_release

pytestmark = pytest.mark.usefixtures("published")

MAX_QUERIES = 10


def history_of(visitor: Client) -> Element:
    [section] = read_page(visitor.get(f"/models/{MODEL}")).find("section", aria_labelledby="history-title")
    return section


def test_change_is_told_in_words_and_leads_to_the_first_run_after_it(visitor: Client) -> None:
    first = measure_slower_release()[BEFORE]

    [changes] = history_of(visitor).find("ul", class_="changes")

    assert first.attempt is not None
    told = [item for item in changes.find("li") if item.text.startswith("Latency")]
    [latency] = told
    assert f"12.0 % slower since run {first.attempt.run_id} on 2026-03-15, 11." in latency.text
    assert f"medians of {AFTER} and {BEFORE} values" in latency.text
    assert f"on device {first.device_id}" in latency.text
    assert f"engine release {NEW} instead of {OLD}." in latency.text
    [link] = latency.find("a")
    assert link.attributes["href"] == f"/runs/{first.attempt.run_id}"
    assert visitor.get(link.attributes["href"]).status_code == 200


def test_change_has_a_mark_with_words_in_the_picture_that_needs_no_script(visitor: Client) -> None:
    first = measure_slower_release()[BEFORE]

    section = history_of(visitor)

    [script] = section.find("script", id="history-chart")
    [points] = json.loads(script.text)["datasets"].values()
    assert first.attempt is not None
    assert {point["run"]: point["change"] for point in points if point["change"]} == {
        str(first.attempt.run_id): "12.0 % slower"
    }
    assert any("12.0 % slower" in picture.text for picture in section.find("svg"))


def test_history_without_a_change_says_so_and_how_changes_are_told(visitor: Client) -> None:
    measure_history([FASTER_MS] * 3, releases=[OLD, OLD, NEW])

    section = history_of(visitor)

    assert section.find("ul", class_="changes") == []
    assert "No change of level stands out" in section.text
    [link] = [link for link in section.find("a") if "told from noise" in link.text]
    assert read_page(visitor.get(link.attributes["href"])).find("section", aria_labelledby="changes")


def test_page_as_json_has_the_changes(visitor: Client) -> None:
    measure_slower_release()

    changes = visitor.get(f"/models/{MODEL}?format=json").json()["changes"]

    assert {change["label"].partition(" ")[0]: change["effect"] for change in changes} == {
        "Latency": "12.0 % slower",
        "CPU": "12.0 % more CPU time",
    }


def test_page_with_changes_asks_few_times(member: Client, django_assert_max_num_queries: Any) -> None:
    measure_slower_release()
    load_board()

    with django_assert_max_num_queries(MAX_QUERIES):
        assert member.get(f"/models/{MODEL}").status_code == 200
