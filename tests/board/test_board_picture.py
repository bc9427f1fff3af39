"""The board's chart as the address asks for it, and the board as files."""

import csv
import io
from contextlib import suppress
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.board.board_filter import filter_form
from apps.board.board_state import PAGE_PARAMETERS, see_board, tidied
from apps.core.errors import UserError
from apps.results.leaderboard import Board, load_board
from apps.results.query import PLAIN_PARAMETERS
from tests.board.pages import read_page

SD855 = "latency.paddleclas-sd855-bs1"
STORAGE = "storage.paddleclas-storage"
TOP1 = "top1.paddleclas-accuracy"
PNG = b"\x89PNG\r\n\x1a\n"

pytestmark = pytest.mark.usefixtures("published")


def vega(client: Client, address: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"/?format=vega&{address}").json()
    return answer


def test_axes_scales_and_size_are_those_of_the_address(visitor: Client) -> None:
    answer = vega(visitor, f"x={STORAGE}&y=top5.paddleclas-accuracy&size={SD855}&xscale=log")

    spec = answer["spec"]
    assert answer["title"] == "Top-5 against storage"
    assert spec["usermeta"]["axes"]["x"]["scale"] == "log"
    assert len({point["area_px"] for point in spec["datasets"]["points"]}) > 20
    assert spec["datasets"]["points"][0]["size_text"].startswith("3.220 ms (Mobile and Embedded")


def test_filtered_chart_keeps_its_axes_and_moves_its_front(visitor: Client) -> None:
    whole, part = vega(visitor, ""), vega(visitor, "family=MobileNetV2")

    assert part["spec"]["usermeta"]["axes"] == whole["spec"]["usermeta"]["axes"]
    assert {point["family_title"] for point in part["spec"]["datasets"]["points"]} == {"MobileNetV2"}
    assert part["summary"].startswith("4 of 7 models are on the front")


def test_zoom_and_selection_are_drawn(visitor: Client) -> None:
    spec = vega(visitor, "zoom=5,15,0.65,0.75&select=MobileNetV3_large_x0_5")["spec"]

    assert spec["usermeta"]["axes"]["x"]["domain"] == [5, 15]
    assert [mark["model"] for mark in spec["datasets"]["marked"]] == ["MobileNetV3_large_x0_5"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("x=speed", SD855),
        ("size=beauty", SD855),
        ("xscale=cubic", "linear"),
        ("zoom=1,2,3", "four numbers"),
        ("zoom=5,2,0.1,0.2", "four numbers"),
        ("zoom=1,2,nan,1e999", "four numbers"),
        ("zoom=0,2,0.1,0.2", "xscale=linear"),
        ("select=MobileNetV9", "MobileNetV1"),
        ("select=" + ",".join(["MobileNetV1"] * 9), "at most 8"),
        ("format=pdf", "svg"),
        ("page=0", "whole number"),
        ("device=abacus", "tesla-t4"),
    ],
)
def test_wrong_value_is_a_400_that_names_what_is_valid(visitor: Client, query: str, says: str) -> None:
    answer = visitor.get(f"/?{query}")

    assert answer.status_code == 400
    assert says in read_page(answer).find("main")[0].text


@pytest.fixture(scope="module")
def board(tables: None, django_db_blocker: Any) -> Board:
    with django_db_blocker.unblock():
        return load_board()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.dictionaries(
        st.sampled_from([*PLAIN_PARAMETERS, *PAGE_PARAMETERS, f"min.{TOP1}", "max.top1", "min."]),
        st.one_of(st.text(max_size=12), st.sampled_from([TOP1, "-model", "1e400", "-0", "1,2,3,4", "json", "log"])),
        max_size=3,
    )
)
def test_whatever_an_address_says_is_shown_or_refused(board: Board, parameters: dict[str, str]) -> None:
    address = QueryDict(mutable=True)
    address.update(parameters)

    # Anything but a UserError is a bug, and fails here.
    with suppress(UserError):
        seen = see_board(tidied(address) or address, board)

        assert {row.model for row in seen.rows} <= {row.model for row in board.rows}
        assert filter_form(seen, address)["facets"]


def test_every_parameter_of_the_page_is_named_where_one_is_wrong(visitor: Client) -> None:
    said = visitor.get("/?nonsense=1").content.decode()

    assert all(name in said for name in (*PLAIN_PARAMETERS, *PAGE_PARAMETERS))


def test_json_is_what_the_api_says_of_the_same_address(visitor: Client) -> None:
    address = f"columns=top1,{SD855}&family=ShuffleNetV2&sort=-top1&pareto=top1,{SD855}"

    assert visitor.get(f"/?{address}&format=json").json() == visitor.get(f"/api/v1/leaderboard/?{address}").json()


def test_csv_holds_every_value_as_printed_beside_its_source(visitor: Client) -> None:
    answer = visitor.get(f"/?columns=top1,{SD855}&family=MobileNetV1&format=csv")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 5
    assert rows[0] == {
        "model": "MobileNetV1_x0_25",
        "family": "MobileNetV1",
        "recipe": "plain",
        "precision": "fp32",
        "width_multiplier": "0.25",
        "on_front": "true",
        TOP1: "0.514",
        f"{TOP1} source": rows[0][f"{TOP1} source"],
        f"{SD855} [ms]": "3.220",
        f"{SD855} source": rows[0][f"{SD855} source"],
    }
    assert "2.4.3" in rows[0][f"{SD855} source"]
    assert answer.headers["Content-Disposition"].endswith('.csv"')


def test_pictures_carry_source_date_and_address(visitor: Client) -> None:
    svg, png = (visitor.get(f"/?family=MobileNetV1&format={kind}") for kind in ("svg", "png"))

    text = svg.content.decode()
    assert "Source: Mobile and Embedded Vision" in text
    assert "/?family=MobileNetV1" in text
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert png.content.startswith(PNG)
