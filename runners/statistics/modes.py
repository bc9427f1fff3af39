"""Two speeds within one process, as when a core changes its frequency or a thread its core."""

from dataclasses import dataclass

import numpy as np

from runners.statistics.samples import Processes, Samples

MIN_SAMPLES = 50
MIN_SHARE = 0.1
MIN_SEPARATION = 5.0
MIN_DISTANCE = 0.05


@dataclass(frozen=True)
class Split:
    """The best division of the samples in a fast and a slow group. `distance` is relative, `separation` Ashman's D."""

    distance: float
    separation: float
    slow_share: float


def find_bimodality(processes: Processes) -> str | None:
    """One process at least has two groups of samples, far apart against their own widths.

    Source of the separation: Ashman, Bird and Zepf, The Astronomical Journal 108, 1994.
    """
    splits = [best_split(np.log(samples)) for samples in processes if len(samples) >= MIN_SAMPLES]
    found = [s for s in splits if s.separation >= MIN_SEPARATION and s.distance >= np.log1p(MIN_DISTANCE)]
    if not found:
        return None
    worst = max(found, key=lambda split: split.distance)
    return (
        f"{len(found)} of {len(processes)} processes ran at two speeds: "
        f"{worst.slow_share:.0%} of the samples take {np.expm1(worst.distance):.0%} longer."
    )


def best_split(samples: Samples) -> Split:
    """The division with the largest variance between the groups, each with at least a tenth of the samples.

    Source: Otsu, IEEE Transactions on Systems, Man and Cybernetics 9, 1979.
    """
    ordered = np.sort(samples - samples.mean())
    n = len(ordered)
    left = np.arange(1, n)
    sums, squares = np.cumsum(ordered)[:-1], np.cumsum(ordered**2)[:-1]
    left_mean, right_mean = sums / left, -sums / (n - left)
    between = left * (n - left) * (right_mean - left_mean) ** 2
    between[(left < MIN_SHARE * n) | (n - left < MIN_SHARE * n)] = -1
    at = int(np.argmax(between))
    left_var = squares[at] / left[at] - left_mean[at] ** 2
    right_var = (float((ordered**2).sum()) - squares[at]) / (n - left[at]) - right_mean[at] ** 2
    distance = float(right_mean[at] - left_mean[at])
    width = np.sqrt(max(left_var, 0.0) + max(right_var, 0.0))
    separation = float(np.sqrt(2) * distance / width) if width > 0 else (np.inf if distance > 0 else 0.0)
    return Split(distance, separation, float((n - left[at]) / n))
