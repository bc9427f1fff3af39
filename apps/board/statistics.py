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

_OF_INVOCATIONS_MS = {
    "load_ms": "loading (median of the invocations)",
    "first_ms": "first inference (median of the invocations)",
    "min_ms": "minimum of all invocations",
    "max_ms": "maximum of all invocations",
}
"""Fields of `runners.statistics.invocations.InvocationSummary`."""

_MISSING = dict.fromkeys(("load_ms", "first_ms", "cpu_median_ms"), "not measured")


def statistic_rows(statistics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and text of each; a value that its record cannot give says why. Empty for a run that timed nothing."""
    if "value_ms" not in statistics:
        return []
    if "invocation_means_ms" in statistics:
        return _invocation_rows(statistics)
    return [(name, _text(statistics.get(key), _MISSING.get(key, "too few samples"))) for key, name in _MS.items()]


def _invocation_rows(statistics: Mapping[str, Any]) -> list[tuple[str, str]]:
    means = ", ".join(_text(value_ms, "") for value_ms in statistics["invocation_means_ms"])
    return [
        ("program, which keeps its samples", f"{statistics['tool']} {statistics['tool_release']}"),
        ("mean of each invocation", means),
        *((name, _text(statistics.get(key), "the program does not say")) for key, name in _OF_INVOCATIONS_MS.items()),
    ]


def flag_sentences(statistics: Mapping[str, Any]) -> list[str]:
    """What each flag saw, with its numbers."""
    return [f"{flag['key']}: {flag['detail']}" for flag in statistics.get("flags", [])]


def _text(value_ms: float | None, missing: str) -> str:
    return missing if value_ms is None else f"{value_ms:,.3f} ms"
