"""Quantiles of Student's t for whole degrees of freedom."""

import math
from functools import lru_cache

_BISECTIONS = 60


def central_probability(angle: float, freedom: int) -> float:
    """Probability that |T| is below `sqrt(freedom) * tan(angle)`.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 (odd) and 26.7.4 (even).
    """
    sine, cosine = math.sin(angle), math.cos(angle)
    if freedom == 1:
        return 2 * angle / math.pi
    is_odd = freedom % 2 == 1
    term = cosine if is_odd else 1.0
    total = term
    for k in range(3 if is_odd else 2, freedom - 1, 2):
        term *= (k - 1) / k * cosine**2
        total += term
    return 2 / math.pi * (angle + sine * total) if is_odd else sine * total


@lru_cache(maxsize=1_000)
def two_sided_t(confidence: float, freedom: int) -> float:
    """The t that |T| stays below with probability `confidence`.

    Raises: ValueError below one degree of freedom or for a confidence outside (0, 1).
    """
    if freedom < 1 or not 0 < confidence < 1:
        raise ValueError(f"Wanted freedom >= 1 and 0 < confidence < 1, not {freedom} and {confidence}.")
    low, high = 0.0, math.pi / 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if central_probability(middle, freedom) < confidence:
            low = middle
        else:
            high = middle
    return math.sqrt(freedom) * math.tan((low + high) / 2)
