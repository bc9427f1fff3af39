"""What stands beside a run's headline: the other statistics of its samples, each under its name."""

from collections.abc import Mapping
from typing import Any

_MS = {
    "load_ms": "loading (median of the processes)",
    "first_ms": "first inference (median of the processes)",
    "min_ms": "minimum",
    "p10_ms": "10th percentile",
    "mean_ms": "mean",
    "p90_ms": "90th percentile",
    "p99_ms": "99th percentile",
    "cpu_median_ms": "median of CPU time",
    "document_mean_30_ms": "mean of 30 after 10, as the document has it for phones",
    "document_mean_500_ms": "mean of 500 after 10, as the document has it for the GPU",
}
"""Fields of `runners.statistics.summarise.Summary`."""


def statistic_rows(statistics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and text of each; a value that its record cannot give says why. Empty for a run without samples."""
    if "value_ms" not in statistics:
        return []
    return [(name, _text(statistics.get(key))) for key, name in _MS.items()]


def flag_sentences(statistics: Mapping[str, Any]) -> list[str]:
    """What each flag saw, with its numbers."""
    return [f"{flag['key']}: {flag['detail']}" for flag in statistics.get("flags", [])]


def _text(value_ms: float | None) -> str:
    return "too few samples" if value_ms is None else f"{value_ms:,.3f} ms"
