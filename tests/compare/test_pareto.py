from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.compare.pareto import Objective, dominance, dominated_by, pareto_front
from tests.compare.published import FRONT, published_frame

COST_AND_QUALITY = [Objective("x", "min"), Objective("y", "max")]
VALUES = st.one_of(st.none(), st.integers(-3, 3).map(float))  # few values, so that ties and equal rows are common
OBJECTIVES = st.lists(
    st.builds(Objective, st.sampled_from("abc"), st.sampled_from(["min", "max"])),
    min_size=1,
    max_size=3,
    unique_by=lambda objective: objective.key,
)
FRAMES = st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=25).map(
    lambda rows: pd.DataFrame(rows, columns=list("abc"), dtype=float).assign(
        model=[f"model-{number}" for number in range(len(rows))]
    )
)


def dominates(winner: pd.Series[float], loser: pd.Series[float], objectives: list[Objective]) -> bool:
    """The definition, word by word; False wherever a value is missing."""
    gains = [
        (loser[objective.key] - winner[objective.key]) * (1 if objective.direction == "min" else -1)
        for objective in objectives
    ]
    return all(gain >= 0 for gain in gains) and any(gain > 0 for gain in gains)


@given(FRAMES, OBJECTIVES)
def test_front_is_what_the_definition_says(frame: pd.DataFrame, objectives: list[Objective]) -> None:
    rows = [row for _, row in frame.iterrows()]
    keys = [objective.key for objective in objectives]

    front = pareto_front(frame, objectives)

    expected = [bool(row[keys].notna().all()) and not any(dominates(o, row, objectives) for o in rows) for row in rows]
    assert front.tolist() == expected


@given(FRAMES, OBJECTIVES)
def test_every_dominated_row_names_a_front_row_that_dominates_it(
    frame: pd.DataFrame, objectives: list[Objective]
) -> None:
    keys = [objective.key for objective in objectives]
    on_front = pareto_front(frame, objectives)

    winners = dominated_by(frame, objectives)

    assert set(winners.index) == set(frame.index[frame[keys].notna().all(axis=1) & ~on_front])
    by_name = frame.set_index("model")
    for position, winner in winners.items():
        assert on_front[frame["model"] == winner].all()
        assert dominates(by_name.loc[winner], frame.loc[position], objectives)  # type: ignore[arg-type, call-overload]


def test_published_models_have_the_front_found_by_eye() -> None:
    frame = published_frame()

    front = pareto_front(frame, COST_AND_QUALITY)

    assert set(frame.loc[front, "model"]) == FRONT


def test_equal_rows_are_all_on_the_front() -> None:
    frame = pd.DataFrame({"x": [1.0, 1.0, 2.0], "y": [5.0, 5.0, 6.0], "model": ["a", "b", "c"]})

    assert pareto_front(frame, COST_AND_QUALITY).tolist() == [True, True, True]


def test_row_that_ties_in_one_objective_and_is_worse_in_the_other_is_dominated() -> None:
    frame = pd.DataFrame({"x": [1.0, 1.0, 2.0], "y": [5.0, 4.0, 5.0], "model": ["a", "b", "c"]})

    assert pareto_front(frame, COST_AND_QUALITY).tolist() == [True, False, False]
    assert dominated_by(frame, COST_AND_QUALITY).to_dict() == {1: "a", 2: "a"}


def test_row_with_a_missing_objective_neither_leads_nor_dominates() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [np.nan, 4.0], "model": ["a", "b"]})

    assert pareto_front(frame, COST_AND_QUALITY).tolist() == [False, True]
    assert dominated_by(frame, COST_AND_QUALITY).empty


def test_front_keeps_the_index_of_a_filtered_frame() -> None:
    frame = published_frame()
    frame = frame[frame["family"] == "ShuffleNetV2"]

    front = pareto_front(frame, COST_AND_QUALITY)

    assert front.index.equals(frame.index)
    assert front.all()  # within this family every slower network is the more accurate one


def test_no_objective_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one objective"):
        pareto_front(published_frame(), [])


@given(FRAMES.filter(len), OBJECTIVES)
def test_dominance_of_a_row_is_what_the_definition_says(frame: pd.DataFrame, objectives: list[Objective]) -> None:
    rows = [row for _, row in frame.iterrows()]
    own = len(rows) // 2

    dominating, dominated = dominance(frame, objectives, own)

    assert dominating.tolist() == [dominates(row, rows[own], objectives) for row in rows]
    assert dominated.tolist() == [dominates(rows[own], row, objectives) for row in rows]
