"""Made-up histories: a level of 1 with a spread of 0.01, and the ways in which real ones are worse than that."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
SPREAD = 0.01


def white(rng: np.random.Generator, count: int) -> Values:
    return 1 + SPREAD * rng.normal(size=count)


def heavy_tails(rng: np.random.Generator, count: int) -> Values:
    """Student's t with two degrees of freedom, which has no variance."""
    return 1 + SPREAD * rng.standard_t(2, size=count)


def outliers(rng: np.random.Generator, count: int) -> Values:
    """One value in ten is higher, by eight spreads on average."""
    is_far = rng.random(count) < 0.1
    return white(rng, count) + is_far * rng.exponential(8 * SPREAD, count)


def dependent(rng: np.random.Generator, count: int, *, correlation: float) -> Values:
    """Each value keeps this share of how far the one before was off."""
    shocks = rng.normal(size=count) * np.sqrt(1 - correlation**2)
    off = np.empty(count)
    off[0] = rng.normal()
    for place in range(1, count):
        off[place] = correlation * off[place - 1] + shocks[place]
    return 1 + SPREAD * off


def disturbed(rng: np.random.Generator, count: int) -> Values:
    """Now and then one to three values in a row are higher by eight spreads: a tenth of all, or a little less."""
    values = white(rng, count)
    for place in np.flatnonzero(rng.random(count) < 0.04):
        values[place : place + rng.integers(1, 4)] += 8 * SPREAD
    return values
