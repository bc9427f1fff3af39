"""The page of one model."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.board.text import value_text
from apps.catalog.actions import store_artifact
from apps.catalog.models import Network
from apps.results.leaderboard import load_board
from tests.board.pages import Element, read_page
from tests.factories import MODEL, NOW, device_offer, make_leased, make_user, measure, measure_latency, result_message

pytestmark = pytest.mark.usefixtures("published")

FRONT_MODEL = "MobileNetV3_large_x1_0_ssld"
INT8_MODEL = "MobileNetV3_large_x1_0_ssld_int8"
MAX_QUERIES = 10


def page_of(visitor: Client, model: str = MODEL) -> Element:
    response = visitor.get(f"/models/{model}")
    assert response.status_code == 200
    return read_page(response)


def data_of(visitor: Client, model: str = MODEL) -> dict[str, Any]:
    response = visitor.get(f"/models/{model}?format=json")
    assert response["Content-Type"] == "application/json"
    data: dict[str, Any] = json.loads(response.content)
    return data


def section(page: Element, title_id: str) -> Element:
    [found] = page.find("section", aria_labelledby=title_id)
    return found


def test_head_has_four_numbers_each_with_its_source(visitor: Client) -> None:
    page = page_of(visitor)

    [numbers] = page.find("dl", class_="headlines")
    texts = [panel.text for panel in numbers.find("div")]
    assert [text.partition(" ")[0] for text in texts] == ["Top-1", "Latency", "Latency", "Storage"]
    assert "on Snapdragon 855" in texts[1]
    assert "on Tesla T4" in texts[2]
    assert all("Published in Mobile and Embedded" in text for text in texts)


def test_values_stand_under_their_device_which_has_a_page(visitor: Client) -> None:
    measure_latency(make_leased())

    page = page_of(visitor)

    groups = [row.find("th")[0] for row in page.find("tr", class_="group")]
    assert [group.text for group in groups] == [
        "Accuracy",
        "Snapdragon 855",
        "Example CPU 9000",
        "Size and cost",
        "Tesla T4",
    ]
    links = [group.find("a")[0].attributes["href"] for group in groups if group.find("a")]
    assert {visitor.get(link).status_code for link in links} == {200}
    assert len(links) == 3


def test_value_of_a_shared_artifact_names_the_architecture_that_it_was_measured_in(visitor: Client) -> None:
    for model in ("MobileNetV2", "MobileNetV2_ssld"):
        measure_latency(make_leased(model=model))

    plain, ssld = page_of(visitor, "MobileNetV2").text, page_of(visitor, "MobileNetV2_ssld").text

    assert "weights random (seed 0), in the artifact of its architecture MobileNetV2" in ssld
    assert "weights random (seed 0)" in plain
    assert "of its architecture" not in plain


def test_siblings_differ_from_the_model_and_not_from_themselves(visitor: Client) -> None:
    siblings = data_of(visitor, "MobileNetV1")["siblings"]

    rows = {row["name"]: row for row in siblings["rows"]}
    own, ssld, half = (rows[name]["cells"] for name in ("MobileNetV1", "MobileNetV1_ssld", "MobileNetV1_x0_5"))
    assert rows["MobileNetV1"]["is_self"]
    assert all("difference" not in cell for cell in own)
    assert (ssld[0]["difference"], ssld[0]["better"]) == ("+6.9 points", "better")
    assert (half[0]["better"], half[1]["better"]) == ("worse", "better")
    assert rows["MobileNetV1_ssld"]["marks"] == ["SSLD"]


def test_dominance_is_what_a_comparison_of_all_pairs_says(visitor: Client) -> None:
    board = load_board()
    top1, latency = board.by_key["top1"], board.by_key["latency.paddleclas-sd855-bs1"]
    own = next(row for row in board.rows if row.model == "MobileNetV2")

    dominance = data_of(visitor, "MobileNetV2")["dominance"]

    better = {
        row.model
        for row in board.rows
        if (accuracy := row.value(top1)) is not None and (cost := row.value(latency)) is not None
        if accuracy >= own.cells[top1.key].value and cost <= own.cells[latency.key].value
        if (accuracy, cost) != (own.value(top1), own.value(latency))
    }
    assert {model["name"] for model in dominance["dominated_by"]["models"]} == better
    assert dominance["dominated_by"]["count"] == len(better) > 0
    shown = visitor.get(dominance["board_url"].replace("/?", "/api/v1/leaderboard/?"))
    assert {row["model"] for row in shown.json()["rows"]} == better | {"MobileNetV2"}


def test_model_on_the_front_says_that_nothing_beats_it(visitor: Client) -> None:
    text = section(page_of(visitor, FRONT_MODEL), "dominance-title").text

    assert "On the Pareto front" in text
    assert "Top-1" in text
    assert "Latency on Snapdragon 855" in text


def test_architecture_is_counted_by_stage(visitor: Client) -> None:
    page = page_of(visitor)

    architecture = section(page, "architecture-title")
    assert "41.03 M MACs, 0.470 M parameters" in architecture.text
    assert "the 14 × 14 maps hold 46% of the MACs".lower() in architecture.text.lower()
    [spec] = page.find("script", id="stages-chart")
    assert "112 × 112" in json.dumps(json.loads(spec.text), ensure_ascii=False)


def test_artifact_of_a_recipe_is_built_and_an_uploaded_one_is_for_accounts(visitor: Client, member: Client) -> None:
    network = Network.objects.get(name=MODEL)
    store_artifact(
        architecture=network.architecture,
        network=network,
        format="onnx",
        precision="fp32",
        weights="trained elsewhere",
        files={"model.onnx": b"the bytes of a network"},
        is_uploaded=True,
        at=NOW,
    )

    files = section(page_of(visitor), "artifacts-title")

    rows = files.find("tbody")[0].find("tr")
    assert len(rows) == 2
    [download] = [link.attributes["href"] for link in files.find("a") if "download" in link.attributes]
    assert visitor.get(download)["Location"].startswith("/login?next=/artifacts/")
    answer: Any = member.get(download)
    assert answer.getvalue() == b"the bytes of a network"
    assert "attachment" in answer["Content-Disposition"]
    assert "Build it from its recipe, zooboard-zoo-1" in rows[1].text


def test_file_that_the_site_does_not_keep_is_not_found(visitor: Client) -> None:
    built = data_of(visitor)["artifacts"][0]

    assert built["files"][0]["url"] == ""
    assert visitor.get(f"/artifacts/{built['sha256']}/model.onnx").status_code == 404


def test_history_begins_with_the_second_value_and_shows_where_the_engine_changed(visitor: Client) -> None:
    owner, device = make_user(), device_offer()
    measure_latency(make_leased(owner=owner, device=device))
    assert "there is no history yet" in page_of(visitor).find("main")[0].text

    later = NOW + timedelta(days=3)
    second = make_leased(owner=owner, device=device, at=later)
    message = result_message(second, at=later).model_copy(update={"engine_release": "1.3.0"})
    assert measure(second, message, at=later)

    [spec] = page_of(visitor).find("script", id="history-chart")
    [points] = json.loads(spec.text)["datasets"].values()
    assert [point["is_break"] for point in points] == [False, True]
    assert [point["release"] for point in points] == ["onnxruntime 1.2.3", "onnxruntime 1.3.0"]
    assert all(point["low"] < point["value"] < point["high"] for point in points)


def test_commands_name_the_model_and_what_was_measured(visitor: Client) -> None:
    measure_latency(make_leased())

    text = section(page_of(visitor), "reproduce-title").text

    assert f"zooboard-runner measure {MODEL} --protocol cpu-fp32-bs1 --engine onnxruntime" in text
    assert f"http://testserver/api/v1/results/?model={MODEL}" in text


def test_citation_is_dated_and_names_document_and_paper(visitor: Client) -> None:
    text = section(page_of(visitor), "cite-title").text

    assert "@misc{zooboard-MobileNetV1_x0_25-20" in text
    assert r"title = {{MobileNetV1\_x0\_25}: published and measured values}" in text
    assert "note = {Accessed 20" in text
    assert "published values: Mobile and Embedded Vision Applications Network series" in text
    assert "eprint = {1704.04861}" in text


def test_model_with_two_published_values_has_no_others(visitor: Client) -> None:
    board = load_board()
    row = next(row for row in board.rows if row.model == INT8_MODEL)

    shown = [value for group in data_of(visitor, INT8_MODEL)["groups"] for value in group["values"]]

    expected = {key: value_text(board.by_key[key].metric, c.value, c.printed) for key, c in row.cells.items()}
    assert {value["key"]: value["text"] for value in shown} == expected


def test_every_model_has_a_page_of_few_queries(member: Client, django_assert_max_num_queries: Any) -> None:
    measure_latency(make_leased())
    # Whoever is the first after a write reads again what it changed of the board.
    load_board()

    for model in (MODEL, FRONT_MODEL, INT8_MODEL):
        with django_assert_max_num_queries(MAX_QUERIES):
            assert member.get(f"/models/{model}").status_code == 200


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?nonsense=1", "Valid ones: format."),
        ("?format=pdf", "Valid: html, json."),
        ("?format=json&format=html", "once"),
    ],
)
def test_wrong_parameter_is_told_the_valid_ones(visitor: Client, query: str, sentence: str) -> None:
    response = visitor.get(f"/models/{MODEL}{query}")

    assert response.status_code == 400
    assert sentence in read_page(response).find("main")[0].text
