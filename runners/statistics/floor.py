"""The A/A floor: how far apart two measurements of the very same thing lie."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

COVERAGE = 0.95
"""Of the pairs of measurements of the same thing, this share differs by less than the floor."""

ASSUMED = 0.05
"""Where too few pairs were measured; processes of one attempt were seen to differ by up to 7 %."""

MIN_PAIRS = math.ceil(COVERAGE / (1 - COVERAGE) - 1e-9)
"""19: with fewer not even the largest difference seen is exceeded so rarely."""


@dataclass(frozen=True)
class Floor:
    """`value` is a relative difference, as `bootstrap.is_beyond_noise` takes it; `pairs` are those measured."""

    value: float
    pairs: int
    is_assumed: bool


def log_differences(medians: Sequence[float]) -> list[float]:
    """|ln ratio| of the first and second, the third and fourth ... measurement of one thing, in order of time.

    No measurement is in two pairs, so that the pairs are independent.
    """
    return [abs(math.log(later / earlier)) for earlier, later in zip(medians[::2], medians[1::2], strict=False)]


def aa_floor(differences: Iterable[float]) -> Floor:
    """The difference that the next pair exceeds with a chance of 5 % at most, whatever the distribution.

    The next of n + 1 exchangeable values is above the k-th of the others with a chance of at most 1 - k / (n + 1).
    From too few pairs it is the assumed one, or the largest seen where that is more.
    Source: Wilks, Annals of Mathematical Statistics 12, 1941: limits by order statistics, free of a distribution.
    """
    ordered = sorted(differences)
    count = len(ordered)
    if count < MIN_PAIRS:
        largest = math.expm1(ordered[-1]) if ordered else 0.0
        return Floor(max(ASSUMED, largest), count, is_assumed=True)
    rank = math.ceil(COVERAGE * (count + 1) - 1e-9)
    return Floor(math.expm1(ordered[rank - 1]), count, is_assumed=False)
