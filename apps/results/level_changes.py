"""Where the level of a model's measured values changed: between which runs, and what differs around them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.compare.change_points import ChangePoint, change_points
from apps.compare.change_sentence import differences_text, effect_text
from apps.compare.facts import FactDifference, fact_differences
from apps.core.metrics import METRICS, Metric
from apps.results.history import HistoryRow
from apps.results.models import Result

NEIGHBOURS = 3
"""Runs on either side of a change whose facts must agree, so that what varies by itself is no difference.

A level has more values than that: fewer than `change_points.FEWEST_AFTER` are never one.
"""

_FACTS = ("environment", "runner_version", "artifact__sha256", "artifact__weights")


@dataclass(frozen=True)
class Measured:
    """A value of a series and the run that it comes from."""

    result_id: int
    run_id: int
    at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True)
class LevelChange:
    """`first` is the first value after the change, `last` the one before it, `known` the one that made it certain."""

    metric: Metric
    configuration: str
    device_id: int
    point: ChangePoint
    first: Measured
    last: Measured
    known: Measured
    differences: list[FactDifference]

    @property
    def effect(self) -> str:
        return effect_text(self.metric.key, self.point.before, self.point.after)

    @property
    def levels(self) -> str:
        after, before = (
            f"{self.metric.text(Decimal(level))} {self.metric.unit}".strip()
            for level in (self.point.after, self.point.before)
        )
        counts = f"medians of {self.point.count_after} and {self.point.count_before} values"
        return f"{after} instead of {before} ({counts})"

    @property
    def sentence(self) -> str:
        since = f"since run {self.first.run_id} on {self.first.at:%Y-%m-%d}"
        return f"{self.effect} {since}, {self.levels}. {differences_text(self.differences)}"


@dataclass(frozen=True)
class _Series:
    """A metric of a model under one configuration on one piece of hardware: what can be put in one order of time."""

    metric: str
    configuration: str
    device_id: int


_Values = list[tuple[int, float]]
"""Result and value, oldest first."""


def level_changes(history: Sequence[HistoryRow]) -> list[LevelChange]:
    """Of a model's history, the newest first; one query where there is any.

    Flagged values say that their measurement was disturbed, so they are left out.
    """
    found = [
        (series, [result_id for result_id, _ in values], point)
        for series, values in _series(history).items()
        for point in change_points(tuple(value for _, value in values), METRICS[series.metric].direction)
    ]
    if not found:
        return []
    measured = _load_measured({result_id for _, ids, point in found for result_id in _around(ids, point)})
    changes = [_level_change(series, ids, point, measured) for series, ids, point in found]
    return sorted(changes, key=lambda change: (change.first.at, change.first.result_id), reverse=True)


def _series(history: Sequence[HistoryRow]) -> dict[_Series, _Values]:
    series: dict[_Series, _Values] = defaultdict(list)
    for row in history:
        if not row["flags"]:
            key = _Series(row["metric"], row["configuration__slug"], row["device_id"])
            series[key].append((row["id"], float(row["value"])))
    return series


def _around(ids: Sequence[int], point: ChangePoint) -> list[int]:
    """The values on either side of a change, and the one with which it was certain."""
    return [*_before(ids, point), *_after(ids, point), ids[point.known]]


def _before(ids: Sequence[int], point: ChangePoint) -> Sequence[int]:
    return ids[point.first - NEIGHBOURS : point.first]


def _after(ids: Sequence[int], point: ChangePoint) -> Sequence[int]:
    return ids[point.first : point.first + NEIGHBOURS]


def _load_measured(result_ids: set[int]) -> dict[int, Measured]:
    rows = Result.objects.filter(pk__in=result_ids).values(
        "id",
        "measured_at",
        "engine_release",
        "attempt__run_id",
        "attempt__agent__name",
        *(f"attempt__measurement__{name}" for name in _FACTS),
    )
    return {row["id"]: _measured(row) for row in rows}


def _measured(row: dict[str, Any]) -> Measured:
    environment, runner_version, artifact_sha256, weights = (row[f"attempt__measurement__{name}"] for name in _FACTS)
    facts = {
        "engine_release": row["engine_release"],
        "artifact_sha256": artifact_sha256,
        "weights": weights,
        "agent": row["attempt__agent__name"],
        "runner_version": runner_version,
        # An agent names its own version among the facts of its machine too.
        **{name: said for name, said in (environment or {}).items() if name != "runner"},
    }
    return Measured(row["id"], row["attempt__run_id"], row["measured_at"], facts)


def _level_change(
    series: _Series, ids: Sequence[int], point: ChangePoint, measured: dict[int, Measured]
) -> LevelChange:
    before, after = ([measured[i].facts for i in side] for side in (_before(ids, point), _after(ids, point)))
    return LevelChange(
        metric=METRICS[series.metric],
        configuration=series.configuration,
        device_id=series.device_id,
        point=point,
        first=measured[ids[point.first]],
        last=measured[ids[point.first - 1]],
        known=measured[ids[point.known]],
        differences=fact_differences(before, after),
    )
