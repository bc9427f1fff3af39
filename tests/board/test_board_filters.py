"""`/` as a form: filters with counts, ranges, questions as links, pages, shading, and who beats whom."""

from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from apps.board.board_presets import preset_links
from apps.board.board_shading import shading
from apps.board.board_state import tidied
from apps.results.leaderboard import Board, load_board
from tests.board.pages import Element, board_rows, read_page

SD855 = "latency.paddleclas-sd855-bs1"
STORAGE = "storage.paddleclas-storage"
TOP1 = "top1.paddleclas-accuracy"
MAX_QUERIES = 6

pytestmark = pytest.mark.usefixtures("published")


def row_of(page: Element, model: str) -> Element:
    [row] = [row for row in page.find("tr") if row.attributes.get("data-model") == model]
    return row


def counts(page: Element, facet: str) -> dict[str, int]:
    found = {
        output.attributes.get("data-count", ""): int(output.text) for output in page.find("output", class_="count")
    }
    return {name.removeprefix(f"{facet}="): count for name, count in found.items() if name.startswith(f"{facet}=")}


def test_question_of_a_phone_under_10_ms_and_12_mib_is_answered(visitor: Client) -> None:
    page = read_page(visitor.get(f"/?sort=-top1&max.{SD855}=10&max.{STORAGE}=12"))

    rows = board_rows(page)
    assert next(iter(rows)) == "MobileNetV3_small_x1_0_ssld"
    assert len(rows) == 14


def test_facets_count_what_each_choice_would_leave(visitor: Client) -> None:
    page = read_page(visitor.get("/?recipe=ssld&family=MobileNetV1"))

    assert counts(page, "recipe") == {"plain": 4, "ssld": 1}
    assert counts(page, "family")["MobileNetV3_large"] == 2
    assert counts(page, "precision") == {"fp32": 1, "fp16": 0, "int8": 0}


def test_ticked_facets_and_filled_fields_come_back_filled(visitor: Client) -> None:
    page = read_page(visitor.get(f"/?family=MobileNetV1,ShuffleNetV2&q=x0&max.{SD855}=10&min.top1=0.6"))

    fields = {f.attributes["name"]: f.attributes.get("value") for f in page.find("input") if "name" in f.attributes}
    ticked = {f.attributes["value"] for f in page.find("input", name="family") if "checked" in f.attributes}
    assert ticked == {"MobileNetV1", "ShuffleNetV2"}
    assert (fields["q"], fields[f"max.{SD855}"], fields[f"min.{TOP1}"]) == ("x0", "10", "0.6")


def test_form_sent_without_javascript_becomes_the_short_address(visitor: Client) -> None:
    answer = visitor.get(f"/?q=&family=MobileNetV1&family=ShuffleNetV2&min.{TOP1}=&max.{SD855}=10&size=")

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"?family=MobileNetV1,ShuffleNetV2&max.{SD855}=10"


def test_short_address_is_left_as_it_is() -> None:
    assert tidied(QueryDict(f"family=MobileNetV1,ShuffleNetV2&max.{SD855}=10")) is None


def test_questions_are_addresses_that_answer_and_are_known_again(visitor: Client) -> None:
    page = read_page(visitor.get("/"))
    [nav] = page.find("nav", aria_label="Common")
    links = [link.attributes["href"] for link in nav.find("a")]

    for link in links:
        answered = read_page(visitor.get(f"/{link}"))
        [active] = answered.find("nav", aria_label="Common")[0].find("a", aria_current="true")
        assert active.attributes["href"] == link
        assert 0 < len(board_rows(answered)) <= 32
    assert len(links) == 4


def test_question_without_its_columns_is_not_asked() -> None:
    board = load_board()
    lonely = Board([column for column in board.columns if column.key == TOP1], board.rows)

    assert preset_links(lonely, QueryDict()) == []


def test_device_leaves_its_columns(visitor: Client) -> None:
    page = read_page(visitor.get("/?device=tesla-t4"))

    keys = [head.attributes["data-key"] for head in page.find("th", class_="number") if "data-key" in head.attributes]
    assert SD855 not in keys
    assert "latency.paddleclas-t4-fp16-bs1" in keys


@pytest.mark.parametrize(
    ("direction", "values", "steps"),
    [
        ("min", ["1", "10", "100"], [0, 3, 5]),
        ("max", ["0.5", "0.9", "0.7"], [5, 0, 3]),
        ("min", ["0", "10"], [0, 5]),
        ("min", ["3", "3"], [None, None]),
        ("max", ["3"], [None]),
    ],
)
def test_shading_is_by_ratio_where_small_is_good_and_by_amount_elsewhere(
    direction: Any, values: list[str], steps: list[int | None]
) -> None:
    numbers = [Decimal(value) for value in values]

    assert list(map(shading(numbers, direction), numbers)) == steps


def test_best_cell_and_distance_are_classes(visitor: Client) -> None:
    page = read_page(visitor.get(f"/?columns={SD855}"))

    fastest, slowest = (row_of(page, name).find("td")[0] for name in ("ShuffleNetV2_x0_25", "MobileNetV2_x2_0"))
    assert {"step-0", "is-best"} <= set(fastest.attributes["class"].split())
    assert "step-5" in fastest.attributes["class"].replace("step-0", "") + slowest.attributes["class"]


def test_beaten_row_says_by_whom_and_a_row_of_the_front_does_not(visitor: Client) -> None:
    page = read_page(visitor.get("/"))

    beaten = row_of(page, "MobileNetV1").find("th")[0]
    leader = row_of(page, "MobileNetV3_large_x1_0_ssld").find("th")[0]
    assert beaten.attributes["title"] == "Beaten by MobileNetV3_small_x1_0_ssld"
    assert "beaten by MobileNetV3_small_x1_0_ssld" in beaten.text
    assert "on the Pareto front" in leader.text
    assert "title" not in leader.attributes


def test_front_is_that_of_the_drawn_columns(visitor: Client) -> None:
    page = read_page(visitor.get(f"/?x={STORAGE}"))

    on_front = {row.attributes["data-model"] for row in page.find("tr", class_="on-front")}
    assert "MobileNetV1_x0_25" in on_front
    assert "MobileNetV3_small_x0_35" not in on_front


def test_long_board_comes_in_pages(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.board.views.board.PAGE_ROWS", 10)

    first, last = (read_page(visitor.get(f"/?sort=model{page}")) for page in ("", "&page=4"))

    assert len(board_rows(first)) == 10
    assert list(board_rows(last)) == sorted(row.model for row in load_board().rows)[30:]
    assert "models 31 to 32 of 32" in last.text
    assert first.find("a", data_page="next")[0].attributes["href"] == "?sort=model&page=2#values"
    assert "hidden" in last.find("a", data_page="next")[0].attributes


@pytest.mark.parametrize("path", ["/", f"/?device=tesla-t4&x={STORAGE}&size={SD855}&select=MobileNetV1&q=v1"])
def test_filtered_board_runs_few_queries(visitor: Client, django_assert_max_num_queries: Any, path: str) -> None:
    with django_assert_max_num_queries(MAX_QUERIES):
        assert visitor.get(path).status_code == 200
