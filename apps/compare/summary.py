"""What a chart shows, in one sentence, for those who read before they look and those who cannot look."""

from __future__ import annotations

import numpy as np
import pandas as pd

from apps.compare.axis import Axis, Values, round_numbers
from apps.compare.pareto import Objective, pareto_front


def chart_summary(frame: pd.DataFrame, *, x: Axis, y: Axis, budget: float | None = None) -> str:
    """Size of the front, and the best model within a budget on x (without one, a round number near the median).

    Shapes: columns `model` (str), `x` and `y` (float, NaN where a value is missing).
    """
    drawn = frame[x.is_usable(frame["x"].to_numpy(dtype=float)) & y.is_usable(frame["y"].to_numpy(dtype=float))]
    if drawn.empty:
        return "No model has both values yet."
    on_front = pareto_front(drawn, [Objective("x", x.direction), Objective("y", y.direction)])
    sentence = f"{on_front.sum()} of {len(drawn)} models are on the front"
    limit = budget if budget is not None else _round_budget(drawn["x"].to_numpy(dtype=float))
    if limit is None:
        return f"{sentence}."
    word = "under" if x.direction == "min" else "above"
    within = drawn[drawn["x"] < limit] if x.direction == "min" else drawn[drawn["x"] > limit]
    if within.empty:
        return f"{sentence}; none is {word} {x.text(limit)}."
    best = within.sort_values("y", ascending=y.direction == "min", kind="stable").iloc[0]
    return f"{sentence}; {word} {x.text(limit)} the best is {best['model']} with {y.text(best['y'])}."


def _round_budget(values: Values) -> float | None:
    """The round number nearest to the median, by ratio; None where values are not all positive."""
    if values.min() <= 0:
        return None
    middle = float(np.median(values))
    return min(round_numbers(middle, middle), key=lambda tick: abs(np.log(tick / middle)))
