"""The board as data: one row per model, one column per (metric, configuration), read from the maintained table.

The board page and `/api/v1/leaderboard/` show the same rows, chosen by the same `Query`.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from django.db.models import QuerySet

from apps.catalog.models import Network
from apps.catalog.models.device_kind import Category
from apps.catalog.models.network import DEFAULT_TASK
from apps.catalog.models.protocol import ProtocolKind
from apps.core.metrics import METRICS
from apps.fleet.models import TrustTier
from apps.results.board_rows import SUBMITTED_PREFIX, Board, Cell, Column, Row, column_key
from apps.results.board_token import Changes, board_changes, board_token, models_changed
from apps.results.models import BoardCell, Origin

__all__ = ["SUBMITTED_PREFIX", "Board", "Cell", "Column", "Row", "column_key", "load_board"]

CHUNK_CELLS = 5_000

_CATEGORY_ORDER = (Category.PHONE, Category.CPU, None, Category.GPU)
"""After accuracy: latency, published and measured side by side; what needs no device; the GPU's many columns."""

_CELL_FIELDS = (
    "network__name", "metric", "device_count", "value_min", "value_max", "configuration__slug",
    "configuration__engine", "configuration__dataset", "configuration__protocol_id", "configuration__protocol__slug",
    "configuration__protocol__title", "configuration__protocol__is_origin", "configuration__protocol__kind",
    "configuration__protocol__precision", "configuration__device_kind__title", "configuration__device_kind__slug",
    "configuration__device_kind__category", "result_id", "result__value", "result__printed", "result__origin",
    "result__evidence", "result__statistic", "result__interval_low", "result__interval_high", "result__n",
    "result__flags", "result__trust_tier", "result__copied_from__name", "result__source__document",
    "result__source__section", "result__source__table", "result__source__edition", "result__attempt__run_id",
    "result__attempt__run__artifact__weights", "result__attempt__run__artifact__network_id",
    "result__attempt__run__artifact__architecture__name", "result__engine_release", "result__measured_at",
)  # fmt: skip


@dataclass(frozen=True)
class _Known:
    """A board as this process read it; `seen` are the changes that it has in it, `about` a cell of each column."""

    token: str
    seen: Changes
    board: Board
    about: dict[str, dict[str, Any]]


_boards: dict[str, _Known] = {}
"""By task, the board that this process read last."""
_reading = Lock()
"""Of thousands of models that takes seconds: threads that need it wait for the first of them."""


def load_board(task: str = DEFAULT_TASK, *, token: str = "") -> Board:
    """A task's board, of which only what was written since is read anew. It is shared: nobody may change it.

    `token` is the present `board_token()` where the caller has it.
    """
    # Before the board: one that is read after another write is newer than its token, and then read once more.
    token = token or board_token()
    known = _boards.get(task)
    if known is None or known.token != token:
        with _reading:
            known = _boards.get(task)
            if known is None or known.token != token:
                known = _boards[task] = _read_again(task, known, token)
    return known.board


def _read_again(task: str, known: _Known | None, token: str) -> _Known:
    """Two queries after the one for the changes: of all models, or of those whose rows changed."""
    seen = board_changes()
    changed = models_changed(known.seen, seen) if known else None
    if known is None or changed is None:
        rows, about = _read_rows(Network.objects.filter(task=task))
        return _Known(token, seen, _board(rows, about), about)
    if not changed:
        return replace(known, token=token, seen=seen)
    fresh, about = _read_rows(Network.objects.filter(task=task, id__in=changed))
    by_name = {row.model: row for row in fresh}
    # A model that comes or goes is a change of everything, so every fresh row has its place.
    rows = [by_name.get(row.model, row) for row in known.board.rows]
    about = known.about | about
    return _Known(token, seen, _board(rows, about), about)


def _read_rows(chosen: QuerySet[Network]) -> tuple[list[Row], dict[str, dict[str, Any]]]:
    """Models in their order with their cells, and one of the cells of each column that they have."""
    records = BoardCell.objects.filter(network__in=chosen).order_by("id").values(*_CELL_FIELDS)
    about: dict[str, dict[str, Any]] = {}
    cells: dict[str, dict[str, Cell]] = defaultdict(dict)
    for record in records.iterator(chunk_size=CHUNK_CELLS):
        key = column_key(record["metric"], record["configuration__slug"])
        about[key] = record
        cells[record["network__name"]][key] = _cell(record)
    return [_row(network, cells.get(network.name, {})) for network in chosen.select_related("family")], about


def _board(rows: list[Row], about: dict[str, dict[str, Any]]) -> Board:
    present = {key for row in rows for key in row.cells}
    return Board(_columns([record for key, record in about.items() if key in present]), rows)


def _columns(records: list[dict[str, Any]]) -> list[Column]:
    """By kind of device, published first."""
    order = list(METRICS)
    ordered = sorted(
        records,
        key=lambda r: (
            r["configuration__protocol__kind"] != ProtocolKind.ACCURACY,
            _CATEGORY_ORDER.index(r["configuration__device_kind__category"]),
            not r["configuration__protocol__is_origin"],
            r["configuration__protocol_id"],
            r["configuration__slug"],
            order.index(r["metric"]),
        ),
    )
    return [
        Column(
            metric=METRICS[record["metric"]],
            configuration=record["configuration__slug"],
            protocol=record["configuration__protocol__slug"],
            protocol_title=_title(record),
            engine=record["configuration__engine"],
            device_kind=record["configuration__device_kind__title"] or "",
            device_kind_slug=record["configuration__device_kind__slug"] or "",
            is_measured=not record["configuration__protocol__is_origin"],
            short_key=_short_key(record, ordered),
            precision=record["configuration__protocol__precision"],
            dataset=_dataset(record),
        )
        for record in ordered
    ]


def _short_key(record: dict[str, Any], records: list[dict[str, Any]]) -> str | None:
    metric: str = record["metric"]
    named = [each for each in records if each["metric"] == metric]
    published = [each for each in named if each["configuration__protocol__is_origin"]]
    return metric if (published or named) == [record] else None


def _title(record: Mapping[str, Any]) -> str:
    title: str = record["configuration__protocol__title"]
    return f"{title}: {_dataset(record)} only" if _dataset(record) else title


def _dataset(record: Mapping[str, Any]) -> str:
    subset = record["configuration__dataset"]
    return f"{subset}, n = {record['result__n']:,}" if subset else ""


def _cell(record: Mapping[str, Any]) -> Cell:
    low, high = record["result__interval_low"], record["result__interval_high"]
    is_own = record["result__attempt__run__artifact__network_id"] is not None
    architecture = record["result__attempt__run__artifact__architecture__name"]
    return Cell(
        result_id=record["result_id"],
        value=record["result__value"],
        printed=record["result__printed"],
        origin=record["result__origin"],
        evidence=record["result__evidence"],
        statistic=record["result__statistic"],
        interval=(low, high) if low is not None else None,
        n=record["result__n"],
        flags=record["result__flags"],
        is_vetted=record["result__origin"] == Origin.PUBLISHED or record["result__trust_tier"] == TrustTier.VETTED,
        copied_from=record["result__copied_from__name"],
        source=_source(record),
        run_id=record["result__attempt__run_id"],
        weights=record["result__attempt__run__artifact__weights"] or "",
        shared_from="" if architecture == record["network__name"] or is_own else architecture or "",
        engine_release=record["result__engine_release"],
        measured_at=record["result__measured_at"],
        device_count=record["device_count"],
        value_range=(record["value_min"], record["value_max"]),
    )


def _source(record: Mapping[str, Any]) -> str:
    if record["result__origin"] != Origin.PUBLISHED:
        return f"run {record['result__attempt__run_id']}"
    edition = record["result__source__edition"]
    table = f"{record['result__source__section']} {record['result__source__table']}"
    return f"{record['result__source__document']}, {table}" + (f", edition {edition}" if edition > 1 else "")


def _row(network: Network, cells: dict[str, Cell]) -> Row:
    return Row(
        model=network.name,
        short=network.short,
        family=network.family.slug,
        family_title=network.family.title,
        recipe=network.recipe,
        precision=network.precision,
        width_multiplier=network.width_multiplier,
        cells=cells,
    )
