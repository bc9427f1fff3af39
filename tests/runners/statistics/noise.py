"""Simulated attempts: K processes of n samples around 10 ms, with the noise that a test asks for."""

import numpy as np
from scipy.signal import lfilter

from runners.statistics.samples import Samples

TRUE_MEDIAN_NS = 10e6


def attempt(
    generator: np.random.Generator,
    *,
    processes: int = 5,
    n: int = 50,
    sigma: float = 0.02,
    correlation: float = 0.0,
    between: float = 0.0,
) -> list[Samples]:
    """Log-normal samples: AR(1) noise of standard deviation `sigma` within, independent `between` over processes."""
    white = generator.standard_normal((processes, n))
    white[:, 1:] *= np.sqrt(1 - correlation**2)
    noise = sigma * lfilter([1.0], [1.0, -correlation], white, axis=1)
    effects = between * generator.standard_normal((processes, 1))
    return list(TRUE_MEDIAN_NS * np.exp(effects + noise))
