"""How far a value is from the best of its column, in steps that have a colour each."""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal

from apps.core.metrics import Direction

STEPS = 5
"""0 is the best itself, 1 the nearest to it, 5 the farthest."""


def shading(values: Sequence[Decimal], direction: Direction) -> Callable[[Decimal], int | None]:
    """The step of a value among these. None for every one where fewer than two different ones can be compared.

    What should be small and is above 0 differs by factors: there a step is a ratio, elsewhere an amount.
    """
    low, high = min(values, default=None), max(values, default=None)
    if low is None or high is None or low == high:
        return lambda value: None
    scale = math.log if direction == "min" and low > 0 else float
    ends = float(scale(low)), float(scale(high))
    best, worst = ends if direction == "min" else ends[::-1]
    return lambda value: _step(abs(scale(value) - best) / abs(worst - best))


def _step(distance: float) -> int:
    return min(STEPS, 1 + int(distance * STEPS)) if distance else 0
