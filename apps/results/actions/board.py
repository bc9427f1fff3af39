"""Keeping the board's table: cell by cell as results come, or all of it from scratch."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from apps.results.choice import Candidate, Cell, choose
from apps.results.models import BoardCell, Origin, Result

CellKey = tuple[int, str, int]
"""(network id, metric, configuration id)"""

BOARD_LOCK = 1_651_466_340
"""Names our advisory locks on configurations among all locks of the database."""


@transaction.atomic
def refresh_cells(keys: Iterable[CellKey]) -> None:
    """Choose again what fills these cells."""
    wanted = set(keys)
    if not wanted:
        return
    _take_turns({configuration_id for _, _, configuration_id in wanted})
    chosen = _choose(_results_of(wanted))
    if emptied := wanted - chosen.keys():
        BoardCell.objects.filter(_any_of(emptied)).delete()
    BoardCell.objects.bulk_create(
        [_row(key, cell) for key, cell in sorted(chosen.items())],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["network", "metric", "configuration"],
        update_fields=["result", "device_count", "value_min", "value_max"],
    )


def _take_turns(configuration_ids: set[int]) -> None:
    """One transaction at a time chooses within a configuration.

    Two that do not see each other's results could both choose wrong.
    """
    with connection.cursor() as cursor:
        for configuration_id in sorted(configuration_ids):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BOARD_LOCK, configuration_id])


@transaction.atomic
def rebuild_board() -> int:
    """Throw the table away and make it from all results. Returns how many cells it has."""
    BoardCell.objects.all().delete()
    rows = [_row(key, cell) for key, cell in sorted(recompute_board().items())]
    BoardCell.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def recompute_board() -> dict[CellKey, Cell]:
    """What the table should hold, computed from scratch; reads only."""
    return _choose(Result.objects.standing().filter(is_simulated=False))


def current_board() -> dict[CellKey, Cell]:
    """What the table holds; reads only."""
    return {
        (c.network_id, c.metric, c.configuration_id): Cell(c.result_id, c.device_count, c.value_min, c.value_max)
        for c in BoardCell.objects.all()
    }


def _results_of(keys: set[CellKey]) -> QuerySet[Result]:
    return Result.objects.filter(_any_of(keys))


def _any_of(keys: set[CellKey]) -> Q:
    """Exactly these cells, with one condition for each column however many models it is about."""
    networks: dict[tuple[str, int], list[int]] = defaultdict(list)
    for network_id, metric, configuration_id in keys:
        networks[metric, configuration_id].append(network_id)
    wanted = Q()
    for (metric, configuration_id), network_ids in networks.items():
        wanted |= Q(metric=metric, configuration_id=configuration_id, network_id__in=network_ids)
    return wanted


_CANDIDATE_FIELDS = (
    "network_id", "metric", "configuration_id", "id", "value", "trust_tier", "origin", "flags", "is_simulated",
    "withdrawn_at", "measured_at", "created_at", "device_id",
)  # fmt: skip


def _choose(results: QuerySet[Result]) -> dict[CellKey, Cell]:
    """Cell after cell in one pass: however many results there are, only those of one cell are held."""
    # Whoever sends in what they like decides no cell.
    rows = (
        results.exclude(origin=Origin.SUBMISSION)
        .order_by("network_id", "metric", "configuration_id")
        .values_list(*_CANDIDATE_FIELDS)
        .iterator(chunk_size=5000)
    )
    cells = ((key, choose(map(_candidate, found))) for key, found in groupby(rows, key=lambda row: row[:3]))
    return {key: cell for key, cell in cells if cell is not None}


def _candidate(row: tuple[Any, ...]) -> Candidate:
    result_id, value, trust_tier, origin, flags, is_simulated, withdrawn_at, measured_at, created_at, device_id = row[
        3:
    ]
    return Candidate(
        result_id=result_id,
        value=value,
        trust_tier=trust_tier,
        is_flagged=origin == Origin.RUN and bool(flags),
        is_simulated=is_simulated,
        is_withdrawn=withdrawn_at is not None,
        at=measured_at or created_at,
        device_id=device_id,
    )


def _row(key: CellKey, cell: Cell) -> BoardCell:
    network_id, metric, configuration_id = key
    return BoardCell(
        network_id=network_id,
        metric=metric,
        configuration_id=configuration_id,
        result_id=cell.result_id,
        device_count=cell.device_count,
        value_min=cell.value_min,
        value_max=cell.value_max,
    )
