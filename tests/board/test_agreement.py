"""Published against measured, on the board and on a model's page."""

import pytest
from django.test import Client

from apps.board.agreement import verdict_label
from apps.results.models import Origin, Result
from tests.board.pages import board_rows, read_page
from tests.factories import MODEL, make_leased, measure_latency

pytestmark = pytest.mark.usefixtures("published")


def test_board_without_measured_values_has_no_block_of_agreement(visitor: Client) -> None:
    assert "Measured against published" not in read_page(visitor.get("/")).find("main")[0].text


def test_board_sets_wall_clock_and_cpu_time_against_the_phone(visitor: Client) -> None:
    measure_latency(make_leased(model=MODEL))

    page = read_page(visitor.get("/"))

    [region] = page.find("div", aria_label="Agreement")
    texts = [row.text for row in region.find("tbody")[0].find("tr")]
    assert texts[0].startswith("Latency on Example CPU 9000")
    assert texts[1].startswith("CPU time on Example CPU 9000")
    assert all("Snapdragon 855" in text and "too few" in text and "Not comparable: " in text for text in texts)


def test_board_says_how_many_of_the_counted_values_are_flagged(visitor: Client) -> None:
    measure_latency(make_leased(model=MODEL))
    Result.objects.filter(metric="latency", origin=Origin.RUN).update(flags=["drift"])

    [region] = read_page(visitor.get("/")).find("div", aria_label="Agreement")

    latency, cpu_time = (row.text for row in region.find("tbody")[0].find("tr"))
    assert "1 flagged" in latency
    assert "unflagged: too few" in latency
    assert "flagged" not in cpu_time


def test_measured_cell_says_its_ratio_to_the_published_one(visitor: Client) -> None:
    measure_latency(make_leased(model=MODEL))

    cells = board_rows(read_page(visitor.get("/")))[MODEL]

    measured = next(cell for cell in cells if "is-run" in cell.attributes["class"])
    title = measured.find("a", class_="value")[0].attributes["title"]
    assert " × Latency on Snapdragon 855" in title
    assert title.endswith("as published (not comparable).")


def test_model_page_shows_the_nearest_pair_of_each_value_and_folds_the_others(visitor: Client) -> None:
    attempt = make_leased(model=MODEL)
    measure_latency(attempt)

    page = read_page(visitor.get(f"/models/{MODEL}"))

    nearest, others = (region.find("tbody")[0].find("tr") for region in page.find("div", aria_label="against"))
    rows = nearest + others
    assert (len(nearest), len(others)) == (2, 2 * 6)
    assert "12 more pairs" in page.find("summary")[0].text
    assert {row.find("a")[0].attributes["href"] for row in rows} == {f"/runs/{attempt.run_id}"}
    assert all("Not comparable: " in row.text for row in rows)


def test_verdict_that_nobody_stated_says_so() -> None:
    assert verdict_label("not stated") == "comparability not stated"
