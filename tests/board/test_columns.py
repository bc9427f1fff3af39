"""Which columns the board shows: the usual ones, or those of the address."""

from dataclasses import replace

import pytest
from django.test import Client

from apps.board.columns import default_columns
from apps.results.leaderboard import Board, load_board
from tests.board.pages import board_rows, read_page
from tests.factories import MODEL, make_leased, measure_latency

pytestmark = pytest.mark.usefixtures("published")


def keys_of_boxes(client: Client, address: str, *, checked: bool) -> set[str]:
    page = read_page(client.get(address))
    boxes = [box for box in page.find("input") if box.attributes.get("name") == "columns"]
    return {box.attributes["value"] or "" for box in boxes if ("checked" in box.attributes) == checked}


def test_the_usual_columns_are_everything_published() -> None:
    board = load_board()

    columns = default_columns(board)

    assert columns == board.columns


def test_of_several_engines_the_one_with_most_models_is_usual() -> None:
    measure_latency(make_leased())
    board = load_board()
    latency = next(column for column in board.columns if column.is_measured and column.metric.key == "latency")
    emptier = replace(latency, engine="ncnn", configuration="cpu-fp32-bs1.ncnn.somewhere")

    usual = default_columns(Board([emptier, *board.columns], board.rows))

    assert latency in usual
    assert emptier not in usual


def test_other_batch_sizes_are_a_choice() -> None:
    measure_latency(make_leased())
    board = load_board()
    latency = next(column for column in board.columns if column.is_measured and column.metric.key == "latency")
    batch_8 = replace(latency, protocol="cpu-fp32-bs8", configuration="cpu-fp32-bs8.onnxruntime.somewhere")

    usual = default_columns(Board([*board.columns, batch_8], board.rows))

    assert batch_8 not in usual


def test_ticked_boxes_become_one_short_parameter(visitor: Client) -> None:
    answer = visitor.get("/?columns=top1&columns=latency.paddleclas-sd855-bs1&family=MobileNetV1")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "?columns=top1,latency.paddleclas-sd855-bs1&family=MobileNetV1"


def test_the_board_shows_the_columns_of_the_address(visitor: Client) -> None:
    address = "/?columns=top1,latency.paddleclas-sd855-bs1"

    rows = board_rows(read_page(visitor.get(address)))

    assert {len(cells) for cells in rows.values()} == {2}
    assert MODEL in rows
    assert keys_of_boxes(visitor, address, checked=True) == {
        "top1.paddleclas-accuracy",
        "latency.paddleclas-sd855-bs1",
    }


def test_the_form_keeps_the_rest_of_the_address(visitor: Client) -> None:
    page = read_page(visitor.get("/?family=MobileNetV1&sort=-top1"))

    kept = {
        (box.attributes.get("name"), box.attributes.get("value"))
        for box in page.find("input")
        if box.attributes.get("type") == "hidden"
    }

    assert {("family", "MobileNetV1"), ("sort", "-top1")} <= kept
