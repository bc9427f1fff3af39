"""`/`: every model and every value, with links that sort and filter, without and with measured values."""

import csv
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from apps.results.models import Result
from tests.board.pages import Element, board_rows, read_page
from tests.factories import MODEL, make_leased, measure, measure_latency

MAX_QUERIES = 6
MAX_MODEL_QUERIES = 10
COLUMN_COUNT = 14

pytestmark = pytest.mark.usefixtures("published")


def printed_values() -> dict[str, list[str]]:
    """Every printed value by model, from the fixtures."""
    values: dict[str, list[str]] = {}
    for path in (settings.FIXTURES_DIR / "published").glob("*.csv"):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                values.setdefault(row.pop("model"), []).extend(filter(None, row.values()))
    return values


def digits(cell: Element) -> str:
    """What a cell prints, without what it says to those who cannot see."""
    return cell.find("a")[0].text.split(",")[0] if cell.find("a") else ""


def test_board_shows_every_printed_value_in_the_row_of_its_model(visitor: Client) -> None:
    rows = board_rows(read_page(visitor.get("/")))

    shown = {model: sorted(map(digits, cells)) for model, cells in rows.items()}
    assert shown == {
        model: sorted([*values, *[""] * (COLUMN_COUNT - len(values))]) for model, values in printed_values().items()
    }
    assert len(rows) == 32
    assert {len(cells) for cells in rows.values()} == {COLUMN_COUNT}


def test_missing_value_says_so(visitor: Client) -> None:
    rows = board_rows(read_page(visitor.get("/")))

    missing = [cell for cells in rows.values() for cell in cells if not cell.find("a")]
    assert len(missing) == 32 * COLUMN_COUNT - 399
    assert {(cell.text, cell.find("abbr")[0].attributes["title"]) for cell in missing} == {("—", "no value")}


def test_every_value_says_where_it_comes_from(visitor: Client) -> None:
    rows = board_rows(read_page(visitor.get("/")))

    titles = [link.attributes["title"] for cells in rows.values() for cell in cells for link in cell.find("a")]
    assert all("published in Mobile and Embedded Vision Applications Network series, 2.4." in t for t in titles)


def test_copied_and_flagged_values_are_marked_in_words(visitor: Client) -> None:
    page = read_page(visitor.get("/"))

    cells = board_rows(page)["MobileNetV1_ssld"]
    assert any("copied from MobileNetV1" in cell.text for cell in cells)
    assert any("FP16 is more than 5 % slower than FP32" in flag.text for flag in page.find("span", class_="cell-flag"))


@pytest.mark.parametrize("path", ["/", "/?sort=-top1", "/?family=MobileNetV3_small&min.top1=0.6&pareto=top1,storage"])
def test_board_runs_few_queries(visitor: Client, django_assert_max_num_queries: Any, path: str) -> None:
    with django_assert_max_num_queries(MAX_QUERIES):
        assert visitor.get(path).status_code == 200


def test_sort_links_put_the_best_first_and_then_turn_round(visitor: Client) -> None:
    first = read_page(visitor.get("/"))
    [link] = [a for a in first.find("a", class_="sort") if a.attributes["href"] == "?sort=-top1.paddleclas-accuracy"]

    page = read_page(visitor.get(f"/{link.attributes['href']}"))

    [heading] = page.find("th", aria_sort="descending")
    assert heading.find("a")[0].attributes["href"] == "?sort=top1.paddleclas-accuracy"
    assert next(iter(board_rows(page))) == "MobileNetV3_large_x1_0_ssld"


def test_name_link_sorts_both_ways(visitor: Client) -> None:
    names = list(board_rows(read_page(visitor.get("/?sort=model"))))

    assert names == sorted(names)
    assert names[::-1] == list(board_rows(read_page(visitor.get("/?sort=-model"))))


def test_bounds_keep_the_models_within_them(visitor: Client) -> None:
    rows = board_rows(read_page(visitor.get("/?min.top1=0.75&max.latency.paddleclas-sd855-bs1=40")))

    assert 0 < len(rows) < 32


def test_no_model_within_the_bounds_is_said_with_a_way_out(visitor: Client) -> None:
    page = read_page(visitor.get("/?min.top1=0.99"))

    assert "No model fits these filters" in page.find("div", class_="board")[0].text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("nonsense=1", "no parameter"),
        ("min.top9=1", "top1.paddleclas-accuracy"),
        ("sort=speed", "valid ones"),
        ("family=ResNet", "ShuffleNetV2"),
        ("min.top1=much", "number"),
        ("family=%00", "NUL"),
    ],
)
def test_mistake_in_the_address_is_a_400_page_that_names_what_is_valid(visitor: Client, query: str, says: str) -> None:
    response = visitor.get(f"/?{query}")

    assert response.status_code == 400
    assert says in read_page(response).find("main")[0].text


def test_chart_is_in_the_page_as_svg_and_as_spec(visitor: Client) -> None:
    page = read_page(visitor.get("/"))

    [figure] = page.find("figure", class_="chart")
    assert len(figure.find("svg")) >= 2
    assert {script.attributes["id"] for script in figure.find("script")} == {"board-chart", "board-chart-narrow"}


def test_measured_value_stands_beside_the_published_ones(visitor: Client) -> None:
    attempt = make_leased(model=MODEL)
    result = measure_latency(attempt)

    response = visitor.get("/")

    cells = board_rows(read_page(response))
    measured = [cell for cell in cells[MODEL] if "is-run" in cell.attributes["class"]]
    cpu_time = Result.objects.get(metric="cpu_time")
    assert [digits(cell) for cell in measured] == [f"{result.value:.3f}", f"{cpu_time.value:.3f}"]
    assert "±" in measured[0].text
    title = measured[0].find("a", class_="value")[0].attributes["title"]
    assert f"measured in run {attempt.run_id} by cpu-fp32-bs1 with onnxruntime 1.2.3" in title
    assert title.startswith("Latency on Example CPU 9000, FP32 batch 1: ")
    assert "95 % interval" in title
    assert {len(row) for row in cells.values()} == {COLUMN_COUNT + 2}
    assert "by an unvetted agent" in title
    assert measured[0].find("abbr")[0].attributes["title"] == "run, unvetted"
    assert "2 measured here" in response.content.decode()


def test_simulated_value_stays_off_the_board(visitor: Client) -> None:
    assert measure(make_leased(is_simulated=True))

    assert {len(row) for row in board_rows(read_page(visitor.get("/"))).values()} == {COLUMN_COUNT}


def test_model_page_shows_its_values_with_their_origin(visitor: Client, django_assert_max_num_queries: Any) -> None:
    measure(make_leased(model=MODEL))

    with django_assert_max_num_queries(MAX_MODEL_QUERIES):
        page = read_page(visitor.get(f"/models/{MODEL}"))

    text = page.find("main")[0].text
    assert all(value in text for value in printed_values()[MODEL])
    assert "Measured in run" in text


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/models/MobileNetV9", "There is no model MobileNetV9."),
        ("/runs/0", "There is no run 0."),
        ("/models/%00", "There is nothing at this address."),
        ("/runs/99999999999999999999", "There is no"),
    ],
)
def test_what_is_not_there_is_a_404_page_that_says_what(visitor: Client, path: str, says: str) -> None:
    response = visitor.get(path)

    text = read_page(response).find("main")[0].text
    assert response.status_code == 404
    assert f"Not found {says}" in text
