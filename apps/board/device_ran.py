"""What ran on a kind of device: a row per protocol and engine, from the board or from what never gets there."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.db.models import Count, Max
from django.urls import reverse

from apps.board.device_kinds import off_board
from apps.board.text import value_text
from apps.catalog.models import DeviceKind
from apps.core.metrics import METRICS
from apps.results.leaderboard import Board, Cell, Column
from apps.results.models import Result

NEWEST = 20


def ran_rows(board: Board, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """From the cells of the board: `columns` are those of the kind."""
    return [_row(board, list(found)) for _, found in groupby(columns, key=lambda column: column.configuration)]


def _row(board: Board, columns: Sequence[Column]) -> dict[str, Any]:
    first = columns[0]
    of_models = [[row.cells[c.key] for c in columns if c.key in row.cells] for row in board.rows]
    cells: list[Cell] = [cell for found in of_models for cell in found]
    return {
        "protocol": first.protocol_title,
        "engine": first.engine if first.is_measured else "",
        "origin": "measured here" if first.is_measured else "published",
        "metrics": ", ".join(column.metric.label for column in columns),
        "models": sum(1 for found in of_models if found),
        "devices": max((cell.device_count for cell in cells), default=0) if first.is_measured else None,
        "newest": max((cell.measured_at for cell in cells if cell.measured_at), default=None),
        "sources": ", ".join(dict.fromkeys(cell.source for cell in cells)) if not first.is_measured else "",
        "board_url": f"{reverse('board')}?columns=top1,{','.join(column.key for column in columns)}",
    }


def off_board_rows(kind: DeviceKind) -> list[dict[str, Any]]:
    """As `ran_rows`, for a simulated or a stated kind."""
    counted = (
        off_board([kind])
        .order_by("configuration__slug")
        .values("configuration__slug", "configuration__protocol__title", "configuration__engine", "origin")
        .annotate(models=Count("network", distinct=True), values=Count("pk"), newest=Max("measured_at"))
    )
    return [
        {
            "protocol": row["configuration__protocol__title"],
            "engine": row["configuration__engine"],
            "origin": row["origin"],
            "models": row["models"],
            "values": row["values"],
            "newest": row["newest"],
        }
        for row in counted
    ]


def newest_off_board(kind: DeviceKind) -> list[dict[str, Any]]:
    """The last values of a kind that never reaches the board, each with where it can be looked into."""
    found = off_board([kind]).select_related("network", "configuration__protocol", "attempt").order_by("-id")[:NEWEST]
    return [_result(result) for result in found]


def _result(result: Result) -> dict[str, Any]:
    metric = METRICS[result.metric]
    run = result.attempt.run_id if result.attempt else None
    return {
        "model": result.network.name,
        "model_url": reverse("model", args=[result.network.name]),
        "label": metric.label,
        "protocol": result.configuration.protocol.title,
        "text": f"{value_text(metric, result.value, result.printed)} {metric.unit}".strip(),
        "engine": f"{result.engine} {result.engine_release}".strip(),
        "measured_at": result.measured_at,
        "href": reverse("run", args=[run]) if run else f"/api/v1/results/{result.pk}/",
        "source": f"run {run}" if run else "sent in",
    }
