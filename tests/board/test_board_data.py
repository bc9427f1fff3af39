"""`/board.json`: every value with all that the table says of it, packed by columns, unpacked as the page does it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.board.board_data import HOLE, NOTHING
from apps.results.leaderboard import load_board
from tests.board.pages import read_page
from tests.factories import MODEL, make_leased, measure_latency

pytestmark = pytest.mark.usefixtures("published")


def entry(field: Any, place: int) -> Any:
    return field[place] if isinstance(field, list) else field


def unpacked(board: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(model, column, cell) of every value, with texts in the place of their positions."""
    texts = board["texts"]
    for column in board["columns"]:
        row = -1
        for place in range(column["cells"]["count"]):
            fields = column["cells"].items()
            cell = {name: entry(each, place) for name, each in fields if name != "numbers"}
            row += 1 + cell["gap"]
            for name in ("source", "half_width", "copied", "flags"):
                cell[name] = "" if cell[name] == NOTHING else texts[cell[name]]
            for each in column["cells"]["numbers"]:
                cell["source"] = cell["source"].replace(HOLE, entry(each, place), 1)
            yield board["rows"][row][0], column, cell


def test_holds_every_value_of_the_board_exactly(visitor: Client) -> None:
    measure_latency(make_leased(model=MODEL))
    board = load_board()

    cells = list(unpacked(visitor.get("/board.json").json()))

    found = {
        (model, column["key"]): cell["value"] if cell["value"] is not None else float(cell["text"].replace(",", ""))
        for model, column, cell in cells
    }
    assert len(cells) == len(found) == 399 + 2
    assert found == {(row.model, key): float(cell.value) for row in board.rows for key, cell in row.cells.items()}
    assert {cell["by"] for _, column, cell in cells if not column["measured"]} == {"P"}
    assert {cell["by"] for _, column, cell in cells if column["measured"]} == {"U"}


def test_says_of_a_value_what_the_table_says(visitor: Client) -> None:
    measure_latency(make_leased(model=MODEL))

    cells = list(unpacked(visitor.get("/board.json").json()))

    page = read_page(visitor.get("/"))
    amounts = [f"{cell['text']} {column['unit']}".strip() for _, column, cell in cells]
    said = {
        f"{column['label']}: {amount}, {cell['source']}"
        for amount, (_, column, cell) in zip(amounts, cells, strict=True)
    }
    assert {link.attributes["title"] for link in page.find("a", class_="value")} <= said
    flagged = {flag.attributes["title"] for flag in page.find("span", class_="cell-flag") if "title" in flag.attributes}
    assert flagged <= {cell["flags"] for _, _, cell in cells}
    assert {cell["copied"] for _, _, cell in cells} >= {"", "MobileNetV1"}


def test_values_share_their_sentences(visitor: Client) -> None:
    board = visitor.get("/board.json").json()

    assert len(board["texts"]) < len(list(unpacked(board))) / 10


def test_is_kept_by_the_browser_until_it_changes(visitor: Client) -> None:
    answer = visitor.get("/board.json")

    again = visitor.get("/board.json", headers={"If-None-Match": answer.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
