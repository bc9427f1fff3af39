"""Pareto fronts: which rows of a frame no other row beats.

Row `a` dominates row `b` when `a` is at least as good in every objective and better in at least one. The front holds
every complete row that no complete row dominates. So equal rows stand or fall together, a row that ties in one
objective and is worse in another is dominated, and a row with a missing objective neither dominates nor is on the
front.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Direction = Literal["min", "max"]
Costs = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Objective:
    """A column of the frame and whether less or more of it is better."""

    key: str
    direction: Direction


def pareto_front(frame: pd.DataFrame, objectives: Sequence[Objective]) -> pd.Series[bool]:
    """Mark the rows on the front; O(n log n) for two objectives, O(n * front) for more.

    Shapes: the answer has the frame's index.

    Raises: ValueError without objectives; KeyError for a column the frame lacks.
    """
    costs = _costs(frame, objectives)
    is_on_front = np.zeros(len(frame), dtype=bool)
    is_complete = ~np.isnan(costs).any(axis=1)
    if is_complete.any():
        points, point_of_row = _distinct(costs[is_complete])
        is_on_front[is_complete] = _is_front_point(points)[point_of_row]
    return pd.Series(is_on_front, index=frame.index, name="on_front", dtype=bool)


def dominated_by(frame: pd.DataFrame, objectives: Sequence[Objective], *, name: str = "model") -> pd.Series[str]:
    """For each dominated row, the name of a front row that dominates it: the first in frame order among equals.

    Shapes: indexed by the dominated rows only; rows of the front and incomplete rows are left out.
    """
    costs = _costs(frame, objectives)
    positions = np.flatnonzero(~np.isnan(costs).any(axis=1))
    points, point_of_row = _distinct(costs[positions])
    first_row_of_point = np.full(len(points), len(frame))
    np.minimum.at(first_row_of_point, point_of_row, positions)

    front = np.flatnonzero(_is_front_point(points))
    dominated = ~np.isin(point_of_row, front)
    names = frame[name].to_numpy()[first_row_of_point[_dominating(points, front, point_of_row[dominated])]]
    return pd.Series(names, index=frame.index[positions[dominated]], name="dominated_by", dtype=object)


def dominance(
    frame: pd.DataFrame, objectives: Sequence[Objective], position: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which rows dominate the row at this position, and which ones it dominates; for an incomplete row none.

    Shapes: two masks over the rows of the frame.
    """
    costs = _costs(frame, objectives)
    own = costs[position]
    # Comparisons with a missing value are false, so such a row is in neither.
    dominating = (costs <= own).all(axis=1) & (costs < own).any(axis=1)
    dominated = (costs >= own).all(axis=1) & (costs > own).any(axis=1)
    return dominating, dominated


def _costs(frame: pd.DataFrame, objectives: Sequence[Objective]) -> Costs:
    if not objectives:
        raise ValueError("A Pareto front needs at least one objective.")
    columns = [
        frame[objective.key].to_numpy(dtype=np.float64, na_value=np.nan) * (1 if objective.direction == "min" else -1)
        for objective in objectives
    ]
    return np.column_stack(columns) + 0.0  # -0.0 and 0.0 are the same value


def _distinct(costs: Costs) -> tuple[Costs, npt.NDArray[np.intp]]:
    """Distinct rows in lexicographic order, and for each row the position of its own."""
    points, point_of_row = np.unique(costs, axis=0, return_inverse=True)
    return points, point_of_row.reshape(-1)


def _is_front_point(points: Costs) -> npt.NDArray[np.bool_]:
    """Front of distinct points in lexicographic order: only an earlier point can dominate a later one."""
    is_front = np.ones(len(points), dtype=bool)
    if points.shape[1] == 2:
        is_front[1:] = points[1:, 1] < np.minimum.accumulate(points[:-1, 1])
        return is_front
    front: list[int] = []
    for position, point in enumerate(points):
        is_front[position] = not (points[front] <= point).all(axis=1).any()
        if is_front[position]:
            front.append(position)
    return is_front


def _dominating(points: Costs, front: npt.NDArray[np.intp], dominated: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """For each of these points, the position of a front point that dominates it.

    With two objectives the last front point before it is the best so far in the second objective, so it dominates.
    """
    if points.shape[1] == 2:
        return front[np.searchsorted(front, dominated) - 1]
    firsts = [(points[front] <= points[each]).all(axis=1).argmax() for each in dominated]
    return front[np.array(firsts, dtype=np.intp)]
