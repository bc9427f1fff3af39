"""How far the physical devices of a kind lie apart, configuration by configuration."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from apps.board.text import full_label
from apps.compare.device_spread import Spread, device_spread
from apps.results.leaderboard import Board, Column
from apps.results.models import Origin, Result

METRIC = "latency"
NEWEST = 5_000
"""Results of a configuration that are looked at: what its devices do now, in a bounded time."""


def spread_rows(board: Board, columns: Sequence[Column], agents: Mapping[int, Sequence[str]]) -> list[dict[str, Any]]:
    """A row per column of latencies that several devices measured. `agents` names those that a device is behind."""
    shared = [column for column in columns if column.metric.key == METRIC and _has_several(board, column)]
    if not shared:
        return []
    values = _newest_values([column.configuration for column in shared])
    found = [(column, device_spread(values.get(column.configuration, {}))) for column in shared]
    return [_row(column, spread, agents) for column, spread in found if spread is not None]


def _has_several(board: Board, column: Column) -> bool:
    cells = (row.cells.get(column.key) for row in board.rows)
    return any(cell is not None and cell.device_count > 1 for cell in cells)


def _newest_values(configurations: Sequence[str]) -> dict[str, dict[str, dict[int, float]]]:
    """The newest standing value of each device, by configuration and model, among the newest of each configuration."""
    newest = [_newest(configuration) for configuration in configurations]
    found: dict[str, dict[str, dict[int, float]]] = {}
    rows = sorted(newest[0].union(*newest[1:], all=True), key=lambda row: row[:2])
    for _, _, slug, model, device, value in rows:
        found.setdefault(slug, {}).setdefault(model, {})[device] = float(value)
    return found


def _newest(configuration: str) -> QuerySet[Result, tuple[Any, ...]]:
    standing = Result.objects.standing().filter(metric=METRIC, origin=Origin.RUN, is_simulated=False)
    newest = standing.filter(configuration__slug=configuration).order_by("-measured_at", "-id")
    fields = ("measured_at", "id", "configuration__slug", "network__name", "device_id", "value")
    rows: QuerySet[Result, tuple[Any, ...]] = newest.values_list(*fields)[:NEWEST]
    return rows


def _row(column: Column, spread: Spread, agents: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    return {
        "label": full_label(column),
        "models": spread.models,
        "median": f"{spread.median:.1%}",
        "largest": f"{spread.largest:.1%}",
        "widest": spread.widest,
        "widest_url": reverse("model", args=[spread.widest]),
        "devices": [
            {
                "name": f"Device {device}",
                "agents": ", ".join(agents.get(device, ())) or "no longer attached",
                "difference": f"{(ratio - 1) * 100:+.1f} %",
                "ratio": ratio,
            }
            for device, ratio in spread.device_ratios.items()
        ],
    }
