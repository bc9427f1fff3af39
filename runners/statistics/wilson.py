"""Interval of a share of successes, for accuracies."""

import math
from statistics import NormalDist


def wilson_interval(successes: int, trials: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of a binomial share.

    Raises: ValueError unless 0 <= successes <= trials and trials >= 1.
    Source: Wilson, Journal of the American Statistical Association 22, 1927.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"Wanted 0 <= successes <= trials and trials >= 1, not {successes} of {trials}.")
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    share = successes / trials
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = math.sqrt(z2) / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    # At the ends the exact limits are 0 and 1; rounding must not put them beyond.
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == trials else centre + half
    return low, high
