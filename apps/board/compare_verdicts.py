"""Each model against the first, in a sentence; and which of them all is best at what."""

from collections.abc import Iterator, Sequence
from typing import Any

from apps.board.columns import HEADLINE
from apps.board.compare_noise import NoiseFacts
from apps.board.compare_table import shared_columns
from apps.board.text import protocol_label
from apps.compare.differences import Noise
from apps.compare.verdict import Clause, Kind, predicate, verdict_sentence
from apps.results.leaderboard import Column, Row

NOISE_WORDS: dict[Noise, str] = {"beyond": "beyond noise", "within": "", "exact": "", "unknown": ""}

_KINDS: dict[str, Kind] = {"latency": "speed", "top1": "accuracy", "storage": "size"}


def verdicts(rows: Sequence[Row], columns: Sequence[Column], noise: NoiseFacts) -> list[dict[str, Any]]:
    """A sentence per model but the first, over the headline columns that both have."""
    first = rows[0]
    found = []
    for row in rows[1:]:
        said = predicate(_clauses(row, first, columns, noise))
        sentence = verdict_sentence(row.model, first.model, said)
        found.append({"model": row.model, "predicate": said, "sentence": sentence})
    return found


def headline_columns(rows: Sequence[Row], columns: Sequence[Column]) -> list[Column]:
    """Speed once per device, published or measured here, at batch 1; then accuracy and size once each.

    Of several that would do, the first of the board in which all of the rows have a value, else the first with most.
    """
    found: dict[tuple[str, ...], Column] = {}
    for column in shared_columns(rows, columns):
        key = _headline_key(column)
        if key is not None and (key not in found or _filled(rows, column) > _filled(rows, found[key])):
            found[key] = column
    order = list(_KINDS)
    return sorted(found.values(), key=lambda column: order.index(column.metric.key))


def _headline_key(column: Column) -> tuple[str, ...] | None:
    if column.metric.key not in _KINDS or column.dataset:
        return None
    if column.metric.key != "latency":
        return (column.metric.key,)
    # What the document published and what was measured here are different statements about a device.
    return ("latency", column.device_kind, str(column.is_measured)) if HEADLINE.search(column.protocol) else None


def _filled(rows: Sequence[Row], column: Column) -> int:
    return sum(column.key in row.cells for row in rows)


def _clauses(row: Row, first: Row, columns: Sequence[Column], noise: NoiseFacts) -> Iterator[Clause]:
    for column in headline_columns([row, first], columns):
        cell, against = row.cells.get(column.key), first.cells.get(column.key)
        if cell is not None and against is not None:
            said = noise.noise(column, cell, against)
            yield Clause(
                _KINDS[column.metric.key],
                _place(column, said),
                float(cell.value),
                float(against.value),
                said,
            )


def _place(column: Column, said: Noise) -> str:
    if not column.device_kind:
        return ""
    notes = (protocol_label(column), "measured here" if column.is_measured else "", NOISE_WORDS[said])
    how = [note for note in notes if note]
    return f"on {column.device_kind} ({', '.join(how)})" if how else f"on {column.device_kind}"
