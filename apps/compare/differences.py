"""How far two values of one metric lie apart, and whether that is more than noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from apps.compare.pareto import Direction

Interval = tuple[float, float]
"""(low, high) in the metric's unit."""

Noise = Literal["beyond", "within", "exact", "unknown"]
"""`beyond` and `within` what chance gives; `exact` for what is counted; `unknown` where an interval is missing."""


@dataclass(frozen=True)
class Difference:
    """Of a value from the first one. `relative` and `ratio` are None where the first value is nought.

    `is_better` is None for equal values. Units: `absolute` is in the metric's unit, `relative` and `ratio` are factors.
    """

    absolute: float
    relative: float | None
    ratio: float | None
    is_better: bool | None


def difference(value: float, first: float, direction: Direction) -> Difference:
    absolute = value - first
    ratio = value / first if first else None
    is_better = None if absolute == 0 else (absolute > 0) == (direction == "max")
    return Difference(absolute, None if ratio is None else ratio - 1, ratio, is_better)


def share_difference_interval(value: float, interval: Interval, first: float, first_interval: Interval) -> Interval:
    """Where the difference of two independent shares lies, from the Wilson interval of each.

    Two networks that saw the same images err on the same ones, so their difference varies less than this says.
    Source: Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17,
    1998, method 10.
    """
    apart = value - first
    below = math.hypot(value - interval[0], first_interval[1] - first)
    above = math.hypot(interval[1] - value, first - first_interval[0])
    return apart - below, apart + above


def excludes_nought(interval: Interval) -> bool:
    return interval[0] > 0 or interval[1] < 0
