"""Outliers: marked, never dropped."""

import numpy as np
from numpy.typing import NDArray

from runners.statistics.samples import Processes

FENCE = 3.0
"""Interquartile ranges above the upper quartile: Tukey's outer fence."""

MAX_SHARE = 0.05
"""On quiet machines 1 to 4 % of the samples are; this many move the median by 0.07 standard deviations of the rest."""


def outlier_masks(processes: Processes) -> list[NDArray[np.bool_]]:
    """True where a sample is far slower than its process usually is.

    The fence is taken over all samples relative to their own process' median, so that neither a slow process nor a
    process of few samples makes outliers.
    Source: Tukey, Exploratory Data Analysis, 1977.
    """
    relative = [samples / np.median(samples) for samples in processes]
    lower, upper = np.percentile(np.concatenate(relative), [25, 75])
    return [values > upper + FENCE * (upper - lower) for values in relative]


def find_outliers(processes: Processes) -> str | None:
    """More than one sample in twenty is an outlier."""
    marked = np.concatenate(outlier_masks(processes))
    share = float(marked.mean())
    if share <= MAX_SHARE:
        return None
    return f"{int(marked.sum())} of {len(marked)} samples ({share:.1%}) are far slower than the others."
