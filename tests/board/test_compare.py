"""`/compare`: values side by side, differences, verdicts and what is said of noise."""

import csv
import json
from typing import Any

import pytest
from django.test import Client

from apps.board.compare_table import model_headers
from apps.results.leaderboard import load_board
from tests.board.pages import Element, read_page
from tests.factories import MODEL, OTHER_MODEL, latency_record, make_leased, measure_latency, result_message

MAX_QUERIES = 10
PAIR = "/compare?models=MobileNetV1,MobileNetV3_small_x1_0_ssld"

pytestmark = pytest.mark.usefixtures("published")


def table_rows(page: Element) -> dict[str, list[Element]]:
    """Cells by the row's label, of the first row with it."""
    [region] = page.find("div", class_="compare")
    rows: dict[str, list[Element]] = {}
    for row in region.find("tr"):
        if row.find("td"):
            rows.setdefault(row.find("th")[0].text, row.find("td"))
    return rows


def measure_both(*, other_ms: float, samples: int = 50) -> None:
    """Two models on one kind of CPU."""
    for seed, (model, median_ms) in enumerate(((MODEL, 10.0), (OTHER_MODEL, other_ms))):
        attempt = make_leased(model=model)
        record = latency_record(median_ms=median_ms, seed=seed, samples=samples)
        measure_latency(attempt, result_message(attempt, record))


def test_without_models_a_form_offers_all_of_them(visitor: Client) -> None:
    page = read_page(visitor.get("/compare"))

    assert len(page.find("input", name="models")) == 32


def test_form_of_checkboxes_leads_to_the_address_that_people_share(visitor: Client) -> None:
    response = visitor.get("/compare?models=MobileNetV1&models=MobileNetV2")

    assert (response.status_code, response["Location"]) == (302, "/compare?models=MobileNetV1,MobileNetV2")


def test_differences_are_to_the_first_model(visitor: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(MAX_QUERIES):
        rows = table_rows(read_page(visitor.get(PAIR)))

    first, other = rows["Latency msbatch 1"]
    assert "32.523" in first.text
    assert first.find("span", class_="difference") == []
    [difference] = other.find("span", class_="difference")
    assert difference.text == "-25.977 ms -79.9 %, better"
    assert [d.text for d in rows["Top-1"][1].find("span", class_="difference")] == ["+0.3 points +0.4 %, better"]


def test_missing_value_stays_missing(visitor: Client) -> None:
    rows = table_rows(read_page(visitor.get(PAIR)))

    assert rows["Reference top-1"][1].text == "—no value"


def test_sentence_is_computed_from_the_values(visitor: Client) -> None:
    page = read_page(visitor.get(PAIR))

    [verdicts] = page.find("ul", class_="verdicts")
    assert verdicts.text == (
        "MobileNetV3_small_x1_0_ssld is 5.0 times faster on Snapdragon 855 (batch 1), 2.4 times slower on Tesla T4 "
        "(FP16 batch 1), 0.3 points more accurate and 1.3 times smaller."
    )


def test_nothing_is_said_about_the_noise_of_published_values(visitor: Client) -> None:
    page = read_page(visitor.get(PAIR))

    assert page.find("span", class_="noise") == []
    assert "None of these differences has samples on both sides" in page.find("main")[0].text


def test_measured_difference_beyond_noise_says_so(visitor: Client, django_assert_max_num_queries: Any) -> None:
    measure_both(other_ms=13.0)

    with django_assert_max_num_queries(MAX_QUERIES):
        page = read_page(visitor.get(f"/compare?models={MODEL},{OTHER_MODEL}"))

    assert [noise.text for noise in page.find("span", class_="noise")] == ["different beyond noise"]
    assert "1.3 times slower on Example CPU 9000 (FP32 batch 1, measured here, beyond noise)" in page.text


def test_measured_difference_within_the_floor_is_within_noise(visitor: Client) -> None:
    measure_both(other_ms=10.2)

    body = visitor.get(f"/compare?models={MODEL},{OTHER_MODEL}&format=json").json()

    said = {value["metric"]: value["noise"] for value in body["values"] if value["origin"] == "run" and value["noise"]}
    assert said == {"latency": "within", "cpu_time": "unknown"}
    assert "not measurably slower on Example CPU 9000" in body["verdicts"][0]["sentence"]


def test_chart_has_a_panel_per_metric_and_an_svg(visitor: Client) -> None:
    page = read_page(visitor.get(PAIR))

    [figure] = page.find("figure", class_="chart")
    spec = json.loads(figure.find("script", id="compare-chart")[0].text)
    titles = [panel["title"]["text"] for panel in spec["concat"]]
    assert titles[:4] == ["Latency on Snapdragon 855", "Latency on Tesla T4", "Top-1", "Storage"]
    assert len(figure.find("svg")) >= 2


def test_models_can_be_made_first_and_left_out() -> None:
    rows = load_board().rows[:3]

    headers = model_headers(rows)

    first, second, third = (row.model for row in rows)
    assert headers[2]["first_url"] == f"/compare?models={third},{first},{second}"
    assert headers[0]["without_url"] == f"/compare?models={second},{third}"
    assert {header["without_url"] for header in model_headers(rows[:2])} == {""}


def test_json_and_csv_hold_what_the_page_shows(visitor: Client) -> None:
    body = visitor.get(f"{PAIR}&format=json").json()
    rows = list(csv.DictReader(visitor.get(f"{PAIR}&format=csv").content.decode().splitlines()))

    [latency] = [
        value
        for value in body["values"]
        if value["column"] == "latency.paddleclas-sd855-bs1" and value["model"] != "MobileNetV1"
    ]
    assert (latency["printed"], latency["unit"], latency["noise"]) == ("6.546", "ms", "unknown")
    assert latency["copied_from"] == "MobileNetV3_small_x1_0"
    assert "2.4" in latency["source"]
    assert len(rows) == len(body["values"]) > 20
    assert {row["interval_low"] for row in rows} == {""}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("models=MobileNetV1", "Name 2 to 8 models"),
        ("models=MobileNetV1,MobileNetV9", "Did you mean"),
        ("models=MobileNetV1,%27", "Valid: MobileNetV1_x0_25"),
        ("models=MobileNetV1,MobileNetV1", "more than once"),
        ("models=MobileNetV1,%00", "NUL"),
        ("models=MobileNetV1,MobileNetV2&format=xml", "csv, html, json"),
        ("model=MobileNetV1", "Did you mean models?"),
    ],
)
def test_mistake_in_the_address_is_a_400_page_that_names_what_is_valid(visitor: Client, query: str, says: str) -> None:
    response = visitor.get(f"/compare?{query}")

    assert response.status_code == 400
    assert says in read_page(response).find("main")[0].text


def test_mistake_of_a_program_is_answered_in_json(visitor: Client) -> None:
    response = visitor.get("/compare?format=json")

    assert response.status_code == 400
    assert "Name 2 to 8 models" in response.json()["detail"]


def test_more_than_eight_models_are_refused(visitor: Client) -> None:
    names = [box.attributes["value"] for box in read_page(visitor.get("/compare")).find("input", name="models")]

    assert visitor.get(f"/compare?models={','.join(names[:8])}&format=json").status_code == 200
    assert visitor.get(f"/compare?models={','.join(names[:9])}").status_code == 400
