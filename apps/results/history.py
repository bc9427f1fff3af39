"""What agents measured of a model, as it was measured."""

from typing import Any

from apps.catalog.models import Network
from apps.results.models import Origin, Result

MOST_VALUES = 3_000
"""The newest of a model that are looked at: three values of two attempts a day for more than a year."""

HistoryRow = dict[str, Any]
"""A result by the names of `FIELDS`."""

FIELDS = (
    "id",
    "metric",
    "configuration__slug",
    "attempt__run_id",
    "device_id",
    "value",
    "interval_low",
    "interval_high",
    "engine_release",
    "flags",
    "trust_tier",
    "measured_at",
)


def load_history(network: Network) -> list[HistoryRow]:
    """Values that may fill a cell, of all metrics, oldest first."""
    standing = Result.objects.standing().filter(network=network, origin=Origin.RUN, is_simulated=False)
    return list(reversed(standing.order_by("-measured_at", "-id").values(*FIELDS)[:MOST_VALUES]))
