"""Order statistics over all samples, and the statistics that the published document used."""

from dataclasses import dataclass

import numpy as np

from runners.statistics.samples import Processes, Samples

P99_MIN_SAMPLES = 100
"""Below this the 99th percentile would be the maximum under another name."""

DOCUMENT_WARMUP = 10
"""Inferences that the document's protocols leave out, the first one included."""


@dataclass(frozen=True)
class Percentiles:
    """Units: those of the samples. `p99` is None below 100 samples."""

    n: int
    median: float
    mean: float
    min: float
    p10: float
    p90: float
    p99: float | None


def percentiles(processes: Processes) -> Percentiles:
    """Of all samples of all processes together, linearly interpolated; no sample is left out."""
    pooled = np.concatenate(processes)
    p10, median, p90, p99 = np.percentile(pooled, [10, 50, 90, 99])
    return Percentiles(
        n=len(pooled),
        median=float(median),
        mean=float(pooled.mean()),
        min=float(pooled.min()),
        p10=float(p10),
        p90=float(p90),
        p99=float(p99) if len(pooled) >= P99_MIN_SAMPLES else None,
    )


def document_mean(first: float, warmup: Samples, samples: Samples, *, repeats: int) -> float | None:
    """Mean of `repeats` inferences after 10, in the order in which ONE process executed them, or None with too few.

    The document's tools load a network once, hence one process and no pooling. Its sequence is the first inference,
    the recorded warm-ups, then the timed samples; a process that recorded no warm-ups gives up timed samples instead.
    """
    sequence = np.concatenate([[first], warmup, samples])
    chosen = sequence[DOCUMENT_WARMUP : DOCUMENT_WARMUP + repeats]
    return float(chosen.mean()) if len(chosen) == repeats else None
