"""The A/A floor of configurations, from attempts that measured the same thing twice."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import astuple
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from redis.exceptions import RedisError

from apps.results.models import Evidence, Origin, Result
from runners.statistics.floor import Floor, aa_floor, log_differences

FLOOR_METRIC = "latency"
FLOOR_LIFE_S = 600
NEWEST = 2_000
"""Results of a configuration that are looked at: what its devices do now, in a bounded time."""

_SAME = ("network_id", "attempt__run__artifact_id", "device_id", "engine_release")
"""What two attempts of a configuration share when they measured the same thing."""


def floors_of(configuration_ids: Collection[int]) -> dict[int, Floor]:
    """Floor by configuration, at most ten minutes old; one whose latency nobody measured twice has the assumed one."""
    keys = {configuration_id: f"aa-floor:{configuration_id}" for configuration_id in configuration_ids}
    try:
        cached = cache.get_many(keys.values())
    except RedisError:
        return _computed(configuration_ids)
    floors = {i: Floor(*cached[key]) for i, key in keys.items() if key in cached}
    if missing := _computed([i for i in keys if i not in floors]):
        cache.set_many({keys[i]: astuple(floor) for i, floor in missing.items()}, FLOOR_LIFE_S)
    return floors | missing


def _computed(configuration_ids: Collection[int]) -> dict[int, Floor]:
    """All in one query, along the index of a column's newest results."""
    if not configuration_ids:
        return {}
    rows: dict[int, list[dict[str, Any]]] = {configuration_id: [] for configuration_id in configuration_ids}
    newest = [_newest(configuration_id) for configuration_id in configuration_ids]
    found = newest[0].union(*newest[1:], all=True)
    for row in sorted(found, key=lambda row: (row["measured_at"], row["id"])):
        rows[row["configuration_id"]].append(row)
    return {configuration_id: aa_floor(_differences(own)) for configuration_id, own in rows.items()}


def _differences(rows: list[dict[str, Any]]) -> list[float]:
    """Of one configuration's results, oldest first."""
    best = max((row["trust_tier"] for row in rows), default=0)
    series: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for row in rows:
        # An agent that nobody vetted says nothing about the noise of those that somebody did.
        if row["trust_tier"] == best:
            series[tuple(row[key] for key in _SAME)].append(float(row["value"]))
    return [difference for medians in series.values() for difference in log_differences(medians)]


def _newest(configuration_id: int) -> QuerySet[Result, dict[str, Any]]:
    """Unflagged results of a configuration, newest first, as many as are looked at."""
    newest: QuerySet[Result, dict[str, Any]] = (
        Result.objects.standing()
        .filter(configuration_id=configuration_id, metric=FLOOR_METRIC, origin=Origin.RUN, flags=[])
        # Of a summary no interval follows, so nothing is ever said to be beyond its noise.
        .filter(evidence=Evidence.SAMPLES)
        .order_by("-measured_at", "-id")
        .values("configuration_id", "value", "trust_tier", *_SAME, "measured_at", "id")[:NEWEST]
    )
    return newest
