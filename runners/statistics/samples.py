"""What the statistics work on: one array of wall times per process, in the order in which they were measured."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]
Processes = Sequence[Samples]
"""Shapes: K arrays (n_k,), n_k >= 1. Units: any one unit of time."""


def medians(processes: Processes) -> Samples:
    """Median of each process. Shapes: (K,)."""
    return np.array([np.median(samples) for samples in processes])
