"""What rows can be chosen by, and how many each choice would leave."""

from collections import Counter
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import UserError
from apps.results.facets import FACET_KEYS, count_choices, is_chosen
from apps.results.leaderboard import Board, load_board
from apps.results.query import Query, read_query
from tests.seeded import published_tables

# Rows as bits: an example is one short draw.
BITS = 3 * len(FACET_KEYS)
ROWS = st.lists(st.integers(0, 2**BITS - 1).map(lambda bits: row_of(bits)), max_size=6)
CHOSEN = st.dictionaries(st.sampled_from(FACET_KEYS), st.frozensets(st.sampled_from("abc"), min_size=1))


@pytest.fixture(scope="module")
def board(django_db_setup: None, django_db_blocker: Any) -> Board:
    with django_db_blocker.unblock(), published_tables():
        return load_board()


def models(board: Board, address: str) -> set[str]:
    return {row.model for row in read_query(QueryDict(address), board).rows(board)}


def row_of(bits: int) -> dict[str, set[str]]:
    """Three bits a facet: which of a, b and c the row has."""
    return {
        key: {value for bit, value in enumerate("abc") if bits >> (3 * number + bit) & 1}
        for number, key in enumerate(FACET_KEYS)
    }


@given(ROWS, CHOSEN)
def test_count_of_a_value_is_what_choosing_it_alone_would_leave(
    rows: list[dict[str, set[str]]], chosen: dict[str, frozenset[str]]
) -> None:
    counts = count_choices(rows, chosen)

    for key in FACET_KEYS:
        others = {name: values for name, values in chosen.items() if name != key}
        left = [row for row in rows if all(is_chosen(row[name], values) for name, values in others.items())]
        assert counts[key] == Counter(value for row in left for value in row[key])


def test_several_values_of_a_facet_keep_the_rows_of_each(board: Board) -> None:
    both = models(board, "family=MobileNetV1,ShuffleNetV2")

    assert both == models(board, "family=MobileNetV1") | models(board, "family=ShuffleNetV2")
    assert len(both) == 12


def test_facets_are_taken_together(board: Board) -> None:
    assert models(board, "family=MobileNetV3_large&recipe=ssld&precision=int8") == {"MobileNetV3_large_x1_0_ssld_int8"}


def test_width_is_written_without_zeros_at_its_end(board: Board) -> None:
    found = models(board, "width=1&family=MobileNetV1")

    assert found == {"MobileNetV1", "MobileNetV1_ssld"}


def test_device_leaves_its_rows_and_its_columns(board: Board) -> None:
    query = read_query(QueryDict("device=tesla-t4"), board).with_columns(board.columns)

    assert len(query.rows(board)) == 31
    assert {column.device_kind for column in query.columns} == {"", "Tesla T4"}


def test_origin_without_any_column_leaves_the_columns_and_no_row(board: Board) -> None:
    query = read_query(QueryDict("origin=measured"), board).with_columns(board.columns)

    assert query.columns == board.columns
    assert query.rows(board) == []


def test_search_wants_every_word_in_the_name_or_the_family(board: Board) -> None:
    assert models(board, "q=v3 LARGE ssld") == {"MobileNetV3_large_x1_0_ssld", "MobileNetV3_large_x1_0_ssld_int8"}
    assert models(board, "q=nothing such") == set()


def test_counts_of_the_published_board(board: Board) -> None:
    counts = Query(board.columns, facets={"recipe": frozenset({"ssld"})}).counts(board)

    assert counts["recipe"] == {"plain": 27, "ssld": 5}
    assert counts["family"]["MobileNetV3_large"] == 2
    assert counts["origin"] == {"published": 5}


def test_dominated_rows_name_a_row_that_beats_them(board: Board) -> None:
    query = read_query(QueryDict("pareto=top1,latency.paddleclas-sd855-bs1"), board)
    rows = query.rows(board)

    beaten = query.dominators(rows)

    front = query.front(rows)
    assert beaten["MobileNetV1"] in front
    assert set(beaten) == {row.model for row in rows} - front


@pytest.mark.parametrize(
    ("address", "field", "says"),
    [
        ("family=MobileNetV1,ResNet", "family", "ShuffleNetV2"),
        ("width=9", "width", "0.25"),
        ("device=abacus", "device", "snapdragon-855"),
        ("origin=hearsay", "origin", "measured"),
        ("recipe=", "recipe", "ssld"),
        (f"q={'a' * 101}", "q", "at most 100"),
    ],
)
def test_wrong_value_says_what_is_valid(board: Board, address: str, field: str, says: str) -> None:
    with pytest.raises(UserError, match=says) as refused:
        read_query(QueryDict(address), board)

    assert [error["field"] for error in refused.value.errors] == [field]
