from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.compare.end_labels import spread


def test_positions_far_apart_stay_where_they_are() -> None:
    assert spread([10.0, 50.0, 30.0], 12) == [10.0, 50.0, 30.0]


def test_positions_too_close_move_apart_around_their_middle() -> None:
    assert spread([20.0, 20.0], 10) == [15.0, 25.0]


def test_moving_apart_takes_the_neighbours_along() -> None:
    assert spread([20.0, 21.0, 29.0], 10) == pytest.approx([13.333, 23.333, 33.333], abs=0.001)


def test_nothing_to_spread_is_nothing() -> None:
    assert spread([], 10) == []


@given(st.lists(st.floats(0, 300), max_size=20), st.floats(1, 20))
def test_spread_positions_keep_their_order_and_their_distance(positions: list[float], gap: float) -> None:
    moved = spread(positions, gap)

    order = sorted(range(len(positions)), key=lambda index: positions[index])
    assert all(second - first >= gap - 1e-6 for first, second in pairwise(moved[index] for index in order))
