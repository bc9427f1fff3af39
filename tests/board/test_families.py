"""`/families` and `/families/<slug>`: models, budgets, and claims decided by the published tables."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.board.compare_request import MOST
from tests.board.pages import Element, read_page

MAX_QUERIES = 10

pytestmark = pytest.mark.usefixtures("published")


def verdicts(page: Element) -> dict[str, str]:
    """By the claim's slug."""
    return {
        claim.attributes["id"].removeprefix("claim-"): claim.find("span", class_="claim-verdict")[0].text
        for claim in page.find("article")
    }


def test_overview_shows_every_family_with_its_ranges(visitor: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(MAX_QUERIES):
        page = read_page(visitor.get("/families"))

    [cards] = page.find("ul", class_="family-cards")
    assert [card.find("a")[0].text for card in cards.find("li")] == [
        "MobileNetV1", "MobileNetV2", "MobileNetV3 large", "MobileNetV3 small", "ShuffleNetV2",
    ]  # fmt: skip
    first = cards.find("li")[0]
    assert [value.text for value in first.find("dd")] == ["0.514 to 0.779", "3.220 to 32.523 ms", "1.900 to 16.000 MiB"]


def test_claims_of_the_document_are_decided_by_its_own_tables(visitor: Client) -> None:
    page = read_page(visitor.get("/families"))

    assert verdicts(page) == {
        "newer": "False",
        "v3-fast": "True",
        "v3-storage": "True",
        "v3-gpu": "True",
        "ssld": "True",
    }


def test_finding_carries_its_numbers(visitor: Client) -> None:
    body = visitor.get("/families?format=json").json()

    claims = {claim["slug"]: claim for claim in body["claims"]}
    phone, storage, flops, parameters = claims["newer"]["findings"]
    assert [finding["verdict"] for finding in (phone, storage, flops, parameters)] == ["true", "false", "true", "false"]
    assert (phone["holds"], phone["comparisons"]) == (33, 35)
    assert (storage["holds"], storage["comparisons"]) == (12, 37)
    assert "on average it is 4.8 points more accurate" in phone["sentence"]
    assert {finding["comparisons"] for finding in claims["ssld"]["findings"]} == {4}


def test_family_page_shows_its_models_with_printed_digits(visitor: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(MAX_QUERIES):
        page = read_page(visitor.get("/families/MobileNetV1"))

    [region] = page.find("div", class_="family")
    rows = {row.find("th")[0].text: row.text for row in region.find("tbody")[0].find("tr")}
    assert len(rows) == 5
    assert "0.710 32.523 0.71942 16.000 1.110 4.190" in rows["MobileNetV1"]
    assert "copied from MobileNetV1" in rows["MobileNetV1_ssld SSLD"]


def test_family_page_says_what_it_is_and_who_wrote_it(visitor: Client) -> None:
    text = read_page(visitor.get("/families/ShuffleNetV2")).find("main")[0].text

    assert "MEGVII, 2018" in text
    assert "Ningning Ma and others, ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design" in text


def test_best_under_a_budget_is_the_most_accurate_that_fits(visitor: Client) -> None:
    budgets = visitor.get("/families/MobileNetV3_small?format=json").json()["budgets"]

    phone = next(table for table in budgets if table["label"].startswith("Latency on Snapdragon 855"))
    assert [row["limit"] for row in phone["rows"]] == ["5", "10", "20", "50"]
    by_limit = {row["limit"]: row for row in phone["rows"]}
    assert by_limit["5"]["best"]["model"] == "MobileNetV3_small_x0_5"
    assert by_limit["5"]["best_of_all"]["model"] == "ShuffleNetV2_x0_5"
    assert by_limit["10"]["is_best_of_all"]
    assert visitor.get(by_limit["10"]["url"]).status_code == 200


def test_family_without_a_model_in_a_budget_says_so(visitor: Client) -> None:
    page = read_page(visitor.get("/families/MobileNetV3_large"))

    [storage] = page.find("div", aria_label="Storage")
    assert "none fits" in storage.find("tr")[1].text


def test_width_curve_leaves_copied_values_out(visitor: Client) -> None:
    page = read_page(visitor.get("/families/MobileNetV3_large"))

    spec = json.loads(page.find("script", id="width-chart")[0].text)
    drawn = [row for data in spec["datasets"].values() for row in data if row["mark"] == "SSLD"]
    assert {row["text"] for row in drawn} == {"0.790"}
    assert [panel["title"]["text"].split(" on")[0] for panel in spec["concat"]] == [
        "Top-1 (%)", "Latency", "Storage (MiB)",
    ]  # fmt: skip


def test_variant_of_a_width_is_named_by_what_sets_it_apart(visitor: Client) -> None:
    page = read_page(visitor.get("/families/ShuffleNetV2"))

    spec = json.loads(page.find("script", id="width-chart")[0].text)
    marks = {row["mark"] for data in spec["datasets"].values() for row in data}
    assert marks == {"", "swish"}


def test_series_of_a_family_leads_to_a_comparison(visitor: Client) -> None:
    page = read_page(visitor.get("/families/ShuffleNetV2"))

    [link] = [a for a in page.find("a") if a.text == "Compare its models"]
    assert 2 <= link.attributes["href"].count(",") + 1 <= MOST
    assert visitor.get(f"{link.attributes['href']}&format=json").status_code == 200


@pytest.mark.parametrize("path", ["/families/ResNet", "/families/%00", "/families/-"])
def test_unknown_family_is_a_404_page(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/families?x=1", "/families?format=csv", "/families/MobileNetV1?sort=top1"])
def test_mistake_in_the_address_is_a_400(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 400
