"""`/charts` and `/charts/<slug>`: every sentence, number and picture comes from the board."""

import csv
import io
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.cache import caches
from django.test import Client
from django.test.utils import override_settings

from apps.board.figures.content import board_content, series
from apps.board.figures.drawing import Shown
from apps.board.figures.table import FIGURES
from apps.board.figures.throttle import PictureThrottle
from apps.results.leaderboard import load_board
from apps.results.models import BoardCell
from tests.board.pages import read_page
from tests.board.test_headers import NOBODY_THERE

SPEEDUP = "/charts/t4-fp16-speedup"
GAIN = "/charts/ssld-gain"

pytestmark = pytest.mark.usefixtures("published")


def shown(slug: str, *families: str) -> Shown:
    return Shown(FIGURES[slug], load_board(), families)


def test_overview_shows_every_figure_with_its_sentence(visitor: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(10):
        page = read_page(visitor.get("/charts"))

    [cards] = page.find("ul", class_="chart-cards")
    assert [link.attributes["href"] for link in cards.find("a")] == [f"/charts/{slug}" for slug in FIGURES]
    assert len(cards.find("svg")) == len(FIGURES)
    assert all(card.find("p")[0].text.endswith(".") for card in cards.find("li"))


def test_small_pictures_say_nothing(visitor: Client) -> None:
    page = read_page(visitor.get("/charts"))

    for picture in page.find("div", class_="chart-small"):
        assert picture.attributes["aria-hidden"] == "true"
        assert [text.text for text in picture.find("text") if text.text] == []


@pytest.mark.parametrize("slug", FIGURES)
def test_page_shows_sentence_chart_numbers_and_source(
    visitor: Client, slug: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10):
        page = read_page(visitor.get(f"/charts/{slug}"))

    figure = shown(slug)
    assert page.find("p", class_="chart-sentence")[0].text == figure.sentence
    assert len(page.find("div", class_="chart-canvas")) == 2
    [numbers] = page.find("div", class_="chart-numbers")
    assert len(numbers.find("tbody")[0].find("tr")) == len(figure.content.lines)
    assert "Source: Mobile and Embedded Vision Applications Network series, 2.4." in page.text


def test_page_offers_a_preview_and_lines_for_embedding(visitor: Client) -> None:
    page = read_page(visitor.get(GAIN))

    metas = {meta.attributes.get("property"): meta.attributes.get("content") for meta in page.find("meta")}
    assert metas["og:image"] == "http://testserver/charts/ssld-gain?format=png"
    assert metas["og:title"] == "What SSLD adds, by family"
    assert metas["og:description"] == shown("ssld-gain").sentence
    frame, image, markdown = [
        code.text for code in page.find("code") if code.attributes.get("id", "").startswith("snip")
    ]
    assert 'src="http://testserver/embed/charts/ssld-gain"' in frame
    assert 'src="http://testserver/charts/ssld-gain?format=svg"' in image
    assert markdown.startswith("[![What SSLD adds, by family](http://testserver/")


def test_published_accuracy_stands_against_each_cost() -> None:
    sentence = shown("top1-latency-sd855").sentence

    assert sentence.startswith("11 of 32 models are beaten by no other in accuracy and latency on Snapdragon 855: ")
    assert sentence.endswith("; no MobileNetV1 or MobileNetV2 is among them.")


def test_values_that_the_document_repeats_are_no_values_of_their_own() -> None:
    names = {line.row.model for line in shown("t4-latency-by-batch").content.lines}

    assert len(names) == 27
    assert not any("ssld" in name for name in names)


def test_speed_up_is_the_ratio_of_the_two_published_latencies() -> None:
    [line] = [line for line in shown("t4-fp16-speedup").content.lines if line.row.model == "MobileNetV1"]

    assert line.values["speedup-bs8"].number == pytest.approx(3.90797 / 2.47953)
    assert line.values["speedup-bs8"].text == "1.58"


def test_throughput_is_the_batch_over_its_latency() -> None:
    [line] = [line for line in shown("t4-throughput-by-batch").content.lines if line.row.model == "MobileNetV1"]

    assert line.values["throughput-fp16-bs4"].number == pytest.approx(4000 / 1.45018)


def test_gain_is_that_over_the_same_network_trained_plainly() -> None:
    lines = {line.row.model: line for line in shown("ssld-gain").content.lines}

    assert list(lines) == [
        "MobileNetV1_ssld",
        "MobileNetV2_ssld",
        "MobileNetV3_large_x1_0_ssld",
        "MobileNetV3_small_x1_0_ssld",
    ]
    assert lines["MobileNetV1_ssld"].values["gain"].text == "+6.9"


def test_series_keeps_one_plain_model_of_each_width() -> None:
    lines = series(board_content(load_board(), ["top1.paddleclas-accuracy"]).lines)

    names = [line.row.model for line in lines]
    assert len(names) == 26
    assert "ShuffleNetV2" in names
    assert "ShuffleNetV2_swish" not in names


def test_missing_value_stays_missing(visitor: Client) -> None:
    BoardCell.objects.filter(
        network__name="MobileNetV1", metric="latency", configuration__slug="paddleclas-t4-fp16-bs8"
    ).delete()

    [line] = [line for line in shown("t4-fp16-speedup").content.lines if line.row.model == "MobileNetV1"]
    rows = {
        row["model"]: row for row in csv.DictReader(io.StringIO(visitor.get(f"{SPEEDUP}?format=csv").content.decode()))
    }

    assert "speedup-bs8" not in line.values
    assert rows["MobileNetV1"]["speedup-bs8 [times]"] == ""
    assert rows["MobileNetV1"]["speedup-bs1 [times]"] == "1.27"


def test_families_choose_the_models_and_their_chips_toggle(visitor: Client) -> None:
    page = read_page(visitor.get(f"{SPEEDUP}?families=MobileNetV2,MobileNetV1"))

    models = [row.find("a")[0].text for row in page.find("div", class_="chart-numbers")[0].find("tbody")[0].find("tr")]
    [chips] = [nav for nav in page.find("nav") if nav.attributes.get("aria-label") == "Families"]
    addresses = {chip.text: chip.attributes["href"] for chip in chips.find("a")}
    assert {name.partition("_")[0] for name in models} == {"MobileNetV1", "MobileNetV2"}
    assert addresses["MobileNetV1"] == f"{SPEEDUP}?families=MobileNetV2"
    assert addresses["ShuffleNetV2"] == f"{SPEEDUP}?families=MobileNetV1,MobileNetV2,ShuffleNetV2"
    assert addresses["All"] == SPEEDUP


def test_family_without_a_value_leaves_the_chart_out_and_says_so(visitor: Client) -> None:
    page = read_page(visitor.get(f"{GAIN}?families=ShuffleNetV2"))

    assert page.find("p", class_="chart-sentence")[0].text == (
        "No distilled model has an accuracy beside its plain one yet."
    )
    assert page.find("figure") == []
    assert visitor.get(f"{GAIN}?families=ShuffleNetV2&format=svg").status_code == 404


def test_figures_of_an_empty_board_say_what_is_missing(visitor: Client) -> None:
    BoardCell.objects.all().delete()

    page = read_page(visitor.get("/charts"))

    assert page.find("div", class_="chart-small")[0].find("svg") == []
    assert page.text.count(" yet.") == len(FIGURES)
    assert visitor.get("/charts/t4-latency-flops").status_code == 200


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("families=none", "Valid: MobileNetV1, MobileNetV2,"),
        ("families=", "families=''"),
        ("format=gif", "Valid: csv, html, json, png, svg."),
        ("family=MobileNetV1", "Did you mean families?"),
        ("families=MobileNetV1&families=MobileNetV2", "send it once"),
        ("families=%00", "NUL"),
    ],
)
def test_wrong_parameter_names_the_valid_ones(visitor: Client, query: str, said: str) -> None:
    response = visitor.get(f"{SPEEDUP}?{query}")

    assert response.status_code == 400
    assert said in read_page(response).find("main")[0].text


def test_unknown_chart_names_those_that_there_are(visitor: Client) -> None:
    response = visitor.get("/charts/none")

    assert response.status_code == 404
    assert all(slug in response.content.decode() for slug in FIGURES)


def test_overview_is_data_too(visitor: Client) -> None:
    charts = visitor.get("/charts?format=json").json()["charts"]

    assert [chart["slug"] for chart in charts] == list(FIGURES)
    assert charts[0]["url"] == "/charts/top1-latency-sd855"


def test_json_has_every_value_with_its_source(visitor: Client) -> None:
    data = visitor.get(f"{SPEEDUP}?format=json&families=MobileNetV1").json()

    assert data["sentence"] == shown("t4-fp16-speedup", "MobileNetV1").sentence
    assert len(data["rows"]) == 4
    values = data["rows"][0]["values"]
    assert values["latency.paddleclas-t4-fp16-bs1"]["printed"] == "0.68422"
    assert "2.4.4" in values["latency.paddleclas-t4-fp16-bs1"]["source"]
    assert values["speedup-bs1"]["source"] == "computed from the others"


def test_svg_carries_source_address_and_date(visitor: Client) -> None:
    response = visitor.get(f"{GAIN}?format=svg")

    words = " ".join(ElementTree.fromstring(response.content).itertext())  # noqa: S314 - our own drawing
    assert "Source: Mobile and Embedded Vision Applications Network series" in words
    assert "http://testserver/charts/ssld-gain" in words
    assert response["Content-Disposition"].rpartition("-")[2] == f'{response["Content-Disposition"][-7:-5]}.svg"'
    assert response["Content-Type"] == "image/svg+xml"


def test_png_is_kept_by_its_hash(visitor: Client) -> None:
    first = visitor.get(f"{GAIN}?format=png")
    again = visitor.get(f"{GAIN}?format=png", headers={"if-none-match": first["ETag"]})

    assert first.content.startswith(b"\x89PNG")
    assert first["Cache-Control"] == "public, max-age=300"
    assert (again.status_code, again.content) == (304, b"")


def test_too_many_pictures_are_told_when_to_return(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PictureThrottle, "rate", "1/min")
    monkeypatch.setattr(PictureThrottle, "scope", "pictures-of-this-test")
    first = visitor.get(f"{GAIN}?format=svg&families=MobileNetV2")

    refused = visitor.get(f"{GAIN}?format=svg&families=MobileNetV2,MobileNetV1")
    again = visitor.get(f"{GAIN}?format=svg&families=MobileNetV2")

    assert (first.status_code, refused.status_code) == (200, 429)
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert "ask again in" in read_page(refused).find("main")[0].text
    assert again.status_code == 200, "drawn before, so it costs nothing"


def test_figure_is_drawn_while_redis_is_away(visitor: Client) -> None:
    with override_settings(CACHES=NOBODY_THERE):
        caches["default"].close()
        answers = [visitor.get(GAIN), visitor.get(f"{GAIN}?format=svg")]

    assert [answer.status_code for answer in answers] == [200, 200]
