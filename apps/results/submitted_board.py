"""The board with what people sent in beside it, for whoever asks for it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import QueryDict

from apps.catalog.models.network import DEFAULT_TASK
from apps.core.api.paging import rows_as
from apps.core.api.parameters import one_of
from apps.core.metrics import METRICS
from apps.results.leaderboard import SUBMITTED_PREFIX, Board, Cell, Column
from apps.results.models import SubmittedCell

SUBMITTED_PARAMETER = "submitted"

_COLUMN_FIELDS = {
    "slug": "configuration__slug",
    "engine": "configuration__engine",
    "dataset": "configuration__dataset",
    "protocol": "configuration__protocol__slug",
    "protocol_title": "configuration__protocol__title",
    "precision": "configuration__protocol__precision",
    "kind_title": "configuration__device_kind__title",
    "kind_slug": "configuration__device_kind__slug",
}
_CELL_FIELDS = {
    "model": "network__name",
    "metric": "metric",
    "owner_count": "owner_count",
    "low": "value_min",
    "high": "value_max",
    "result_id": "result_id",
    "submission_id": "result__submission_id",
    "value": "result__value",
    "printed": "result__printed",
    "origin": "result__origin",
    "evidence": "result__evidence",
    "statistic": "result__statistic",
    "interval_low": "result__interval_low",
    "interval_high": "result__interval_high",
    "n": "result__n",
    "flags": "result__flags",
    "weights": "result__submission__weights",
    "engine_release": "result__engine_release",
    "measured_at": "result__measured_at",
}


def asks_for_submitted(parameters: QueryDict) -> bool:
    """Whether an address names a submitted column, or wants all of them."""
    if one_of(parameters, SUBMITTED_PARAMETER, ("0", "1"), "0") == "1":
        return True
    return any(SUBMITTED_PREFIX in text for name in parameters for text in (name, parameters.get(name, "")))


def with_submitted(board: Board, task: str = DEFAULT_TASK) -> Board:
    """Another board: the same rows with the submitted columns after the board's own. One query."""
    columns: dict[str, Column] = {}
    cells: dict[str, dict[str, Cell]] = {}
    for record in _records(network__task=task):
        column = _column(record)
        columns.setdefault(column.key, column)
        cells.setdefault(record["model"], {})[column.key] = _cell(record)
    rows = [replace(row, cells=row.cells | cells.get(row.model, {})) for row in board.rows]
    return Board([*board.columns, *columns.values()], rows)


def submitted_cells(model: str) -> list[tuple[Column, Cell]]:
    """What was sent in of one model. One query."""
    return [(_column(record), _cell(record)) for record in _records(network__name=model)]


def _records(**chosen: Any) -> list[dict[str, Any]]:
    fields = {**_COLUMN_FIELDS, **_CELL_FIELDS}
    cells = SubmittedCell.objects.filter(**chosen).order_by("configuration__slug", "metric")
    return rows_as(cells, fields)


def _column(record: Mapping[str, Any]) -> Column:
    return Column(
        metric=METRICS[record["metric"]],
        configuration=record["slug"],
        protocol=record["protocol"],
        protocol_title=record["protocol_title"],
        engine=record["engine"],
        device_kind=record["kind_title"] or "",
        is_measured=False,
        short_key=None,
        precision=record["precision"],
        device_kind_slug=record["kind_slug"] or "",
        dataset=record["dataset"],
        is_submitted=True,
    )


def _cell(record: Mapping[str, Any]) -> Cell:
    low, high = record["interval_low"], record["interval_high"]
    return Cell(
        result_id=record["result_id"],
        value=record["value"],
        printed=record["printed"],
        origin=record["origin"],
        evidence=record["evidence"],
        statistic=record["statistic"],
        interval=(low, high) if low is not None else None,
        n=record["n"],
        flags=record["flags"],
        is_vetted=False,
        copied_from=None,
        source=f"submission {record['submission_id']}",
        run_id=None,
        weights=record["weights"],
        shared_from="",
        engine_release=record["engine_release"],
        measured_at=record["measured_at"],
        device_count=0,
        value_range=(record["low"], record["high"]),
        submission_id=record["submission_id"],
        owner_count=record["owner_count"],
    )
