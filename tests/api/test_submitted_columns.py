"""What was sent in on the leaderboard: in columns of its own, for whoever asks, and never otherwise."""

from typing import Any

import pytest

from apps.results.api import schema
from apps.results.leaderboard import load_board
from apps.results.submitted_board import with_submitted
from tests.api.calls import Caller, assert_problem
from tests.factories import MODEL, OTHER_MODEL, make_user
from tests.stated import LATENCY, SLUG, TOP1, state

COLUMN = f"submitted.latency.{SLUG}"
PUBLISHED = "latency.paddleclas-sd855-bs1"


@pytest.fixture
def sent(published: None) -> None:
    first, second = make_user(), make_user()
    state(first, LATENCY | {"value": 9}, LATENCY | {"model": OTHER_MODEL, "value": 99}, TOP1)
    state(second, LATENCY | {"value": "11000", "unit": "us"})


def board(who: Caller, **parameters: Any) -> schema.Leaderboard:
    response = who.get("leaderboard/", **parameters)
    assert response.status_code == 200, response.content
    return schema.Leaderboard.model_validate_json(response.content)


def keys(found: schema.Leaderboard) -> set[str]:
    return {column.key for column in found.columns}


@pytest.mark.usefixtures("sent")
def test_default_board_has_nothing_of_it(anonymous: Caller) -> None:
    found = board(anonymous)

    assert not any(column.is_submitted or column.key.startswith("submitted.") for column in found.columns)
    assert all(cell is None or cell.origin == "published" for row in found.rows for cell in row.cells.values())
    assert len(found.columns) == len(load_board().columns)


@pytest.mark.usefixtures("sent")
def test_all_of_it_stands_after_the_boards_own_columns_when_it_is_asked_for(anonymous: Caller) -> None:
    before, found = board(anonymous), board(anonymous, submitted="1")

    assert found.columns[: len(before.columns)] == before.columns
    assert [column.key for column in found.columns[len(before.columns) :]] == [
        "submitted.top1.accuracy-imagenet1k.onnxruntime",
        COLUMN,
    ]
    assert found.agreements == before.agreements


@pytest.mark.usefixtures("sent")
def test_cell_says_who_sent_it_and_how_far_all_values_lie_apart(anonymous: Caller) -> None:
    found = board(anonymous, columns=f"{COLUMN},{PUBLISHED}", **{f"max.{COLUMN}": "50"})

    [row] = found.rows
    cell, published = row.cells[COLUMN], row.cells[PUBLISHED]
    assert row.model == MODEL
    assert cell is not None
    assert published is not None
    assert (cell.value, cell.origin, cell.printed, cell.unit) == (11.0, "submission", "11000 us", "ms")
    assert (cell.submitters, cell.range, cell.run) == (2, (9.0, 11.0), None)
    assert cell.source == f"submission {cell.submission}"
    assert (published.submission, published.submitters, published.origin) == (None, None, "published")


@pytest.mark.usefixtures("sent")
def test_front_of_published_columns_is_the_same_beside_it(anonymous: Caller) -> None:
    pareto = f"top1,{PUBLISHED}"

    fronts = [
        {row.model for row in board(anonymous, columns="top1", pareto=pareto, submitted=asked).rows if row.on_front}
        for asked in ("0", "1")
    ]

    assert fronts[0] == fronts[1] != set()


@pytest.mark.usefixtures("sent")
def test_short_keys_mean_what_they_meant(anonymous: Caller) -> None:
    [column] = board(anonymous, columns="top1", submitted="1").columns

    assert column.key == "top1.paddleclas-accuracy"


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("parameters", [{"submitted": "yes"}, {"columns": "submitted.latency.nothing"}])
def test_what_cannot_be_meant_is_a_400(anonymous: Caller, parameters: dict[str, str]) -> None:
    assert_problem(anonymous.get("leaderboard/", **parameters), 400, "bad-request")


@pytest.mark.usefixtures("sent")
def test_submitted_columns_take_one_query(django_assert_num_queries: Any) -> None:
    own = load_board()

    with django_assert_num_queries(1):
        with_submitted(own)
