"""Keeping the table of what was sent in, apart from the board's."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.db.models import Case, Count, IntegerField, Max, Min, When
from django.db.models.functions import Coalesce

from apps.results.actions.board import CellKey
from apps.results.models import Result, SubmittedCell
from apps.results.models.result import ResultQuerySet

SUBMITTED_LOCK = 1_651_466_341
"""Names our advisory locks on configurations among all locks of the database."""

_KEY = ("network_id", "metric", "configuration_id")


@dataclass(frozen=True)
class Submitted:
    """What a cell holds: the newest value, and how many of how many people lie where."""

    result_id: int
    value_count: int
    owner_count: int
    value_min: Decimal
    value_max: Decimal


@transaction.atomic
def refresh_submitted(keys: Iterable[CellKey]) -> None:
    """Choose again what these cells hold, in a fixed number of statements however many they are."""
    wanted = set(keys)
    if not wanted:
        return
    networks, metrics, configurations = (set(part) for part in zip(*wanted, strict=True))
    _take_turns(configurations)
    # A few neighbours are chosen again with them: three short lists are faster to ask for than thousands of triples.
    near = {"network__in": networks, "metric__in": metrics, "configuration__in": configurations}
    found = _chosen(Result.objects.filter(**near))
    if emptied := wanted - found.keys():
        held = SubmittedCell.objects.filter(**near).values_list("pk", *_KEY)
        SubmittedCell.objects.filter(pk__in=[pk for pk, *key in held if tuple(key) in emptied]).delete()
    _write(found)


def _take_turns(configuration_ids: set[int]) -> None:
    """One transaction at a time chooses within a configuration, as on the board."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, id) FROM unnest(%s::int[]) AS id",
            [SUBMITTED_LOCK, sorted(configuration_ids)],
        )


@transaction.atomic
def rebuild_submitted() -> int:
    """Throw the table away and make it from all results. Returns how many cells it has."""
    SubmittedCell.objects.all().delete()
    found = recompute_submitted()
    _write(found)
    return len(found)


def recompute_submitted() -> dict[CellKey, Submitted]:
    """What the table should hold, computed from scratch; reads only."""
    return _chosen(Result.objects.all())


def current_submitted() -> dict[CellKey, Submitted]:
    """What the table holds; reads only."""
    fields = ("result_id", "value_count", "owner_count", "value_min", "value_max")
    rows = SubmittedCell.objects.values_list(*_KEY, *fields)
    return {row[:3]: Submitted(*row[3:]) for row in rows}


def _chosen(results: ResultQuerySet) -> dict[CellKey, Submitted]:
    """Per cell as `apps.results.choice.choose` says: unflagged first, then the newest."""
    is_flagged = Case(When(flags=[], then=0), default=1, output_field=IntegerField())
    newest_first = (is_flagged.asc(), Coalesce("measured_at", "created_at").desc(), "-id")
    rows: Iterable[tuple[Any, ...]] = (
        results.standing()
        .filter(is_submission=True, is_simulated=False)
        .order_by()
        .values_list(*_KEY)
        .annotate(
            ids=ArrayAgg("id", order_by=newest_first),
            values=Count("id"),
            owners=Count("submission__owner", distinct=True),
            low=Min("value"),
            high=Max("value"),
        )
    )
    return {row[:3]: Submitted(row[3][0], *row[4:]) for row in rows}


def _write(found: dict[CellKey, Submitted]) -> None:
    SubmittedCell.objects.bulk_create(
        [
            SubmittedCell(
                network_id=network_id,
                metric=metric,
                configuration_id=configuration_id,
                result_id=cell.result_id,
                value_count=cell.value_count,
                owner_count=cell.owner_count,
                value_min=cell.value_min,
                value_max=cell.value_max,
            )
            for (network_id, metric, configuration_id), cell in sorted(found.items())
        ],
        update_conflicts=True,
        unique_fields=["network", "metric", "configuration"],
        update_fields=["result", "value_count", "owner_count", "value_min", "value_max"],
    )
