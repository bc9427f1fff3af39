"""Published against measured: every pair of columns that say the same of the same models.

A document repeats values of a base model for its SSLD rows (`copied_from`), and their measured values come from the
base's artifact too: such a pair says nothing new and is not counted in a column's agreement. Neither is an int8 model
in a column of another precision: how much slower or faster int8 is depends on the instructions of the device.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from apps.catalog.models import Comparability
from apps.catalog.models.network import Precision
from apps.catalog.models.protocol import Verdict
from apps.compare.rank import rank_agreement
from apps.compare.ratio import Ratios, ratio, ratios
from apps.results.leaderboard import Board, Column, Row

PUBLISHED_METRIC = {
    "latency": "latency",
    "cpu_time": "latency",
    "flops_paddle": "flops_paddle",
    "flops_2mac": "flops_paddle",
    "params_paddle": "params_paddle",
    "params": "params_paddle",
    "storage": "storage",
    "top1": "top1",
    "top5": "top5",
}
"""The published metric that stands beside each measured one."""

NOT_STATED = "not stated"


@dataclass(frozen=True)
class Comparison:
    """A verdict of the catalogue and its sentence; `not stated` and nothing where the catalogue is silent."""

    verdict: str
    sentence: str

    @property
    def distance(self) -> int:
        """0 for what may be compared, then with a caveat, not stated, not at all."""
        return [Verdict.YES, Verdict.CAVEAT, NOT_STATED, Verdict.NO].index(self.verdict)


NO_COMPARISON = Comparison(NOT_STATED, "")

Comparisons = Mapping[tuple[frozenset[str], str], Comparison]
"""By the two protocols, in either order, and the measured metric; under an empty metric what holds for the others."""


@dataclass(frozen=True)
class Agreement:
    """Of two whole columns. `models` is how many have both values and are counted; `spearman` is None below four.

    Of these models `flagged` have a measured value with a flag; `spearman_unflagged` is over the others.
    """

    published: Column
    measured: Column
    models: int
    flagged: int
    spearman: float | None
    spearman_unflagged: float | None
    ratios: Ratios | None
    comparison: Comparison


@dataclass(frozen=True)
class Against:
    """One measured value beside the published one of `column`."""

    column: Column
    ratio: float
    comparison: Comparison


def comparisons_of(board: Board) -> Comparisons:
    """What the catalogue states of pairs of protocols: read once for each board, as a change makes another."""
    return board.derived(_load_comparisons)


def _load_comparisons(board: Board) -> Comparisons:
    rows = Comparability.objects.values_list("first", "second", "metric", "verdict", "sentence")
    return {
        (frozenset((first, second)), metric): Comparison(verdict, sentence)
        for first, second, metric, verdict, sentence in rows
    }


def agreements(board: Board, columns: Sequence[Column], comparisons: Comparisons) -> list[Agreement]:
    """Every pair among these columns for which at least one model has both values."""
    pairs = [(published, measured) for measured in columns for published in published_beside(measured, columns)]
    found = [board.derived(_agreement, published.key, measured.key) for published, measured in pairs]
    return [
        replace(agreement, comparison=_comparison(published, measured, comparisons))
        for (published, measured), agreement in zip(pairs, found, strict=True)
        if agreement.models
    ]


def published_beside(measured: Column, columns: Sequence[Column]) -> list[Column]:
    """The published columns that say the same as a measured one, in the board's order; none for a published column."""
    if not measured.is_measured:
        return []
    metric = PUBLISHED_METRIC.get(measured.metric.key)
    published = [column for column in columns if not column.is_measured and not column.is_submitted]
    return [column for column in published if column.metric.key == metric]


def against_published(row: Row, measured: Column, columns: Sequence[Column], comparisons: Comparisons) -> list[Against]:
    """A model's measured value over each published one, the most comparable first.

    Copies too, since here they are read and not counted.
    """
    cell = row.cells.get(measured.key)
    if cell is None:
        return []
    found = []
    for column in published_beside(measured, columns):
        value = row.value(column)
        over = ratio(float(cell.value), float(value)) if value is not None else None
        if over is not None:
            found.append(Against(column, over, _comparison(column, measured, comparisons)))
    return sorted(found, key=lambda against: against.comparison.distance)


def headline_agreements(board: Board, comparisons: Comparisons) -> list[Agreement]:
    """One per measured column: against the most comparable published column that shares a model with it."""
    nearest: dict[str, Agreement] = {}
    for found in agreements(board, board.columns, comparisons):
        before = nearest.setdefault(found.measured.key, found)
        if found.comparison.distance < before.comparison.distance:
            nearest[found.measured.key] = found
    return list(nearest.values())


def _agreement(board: Board, published_key: str, measured_key: str) -> Agreement:
    """Without what the catalogue states of the two."""
    published, measured = board.by_key[published_key], board.by_key[measured_key]
    pairs = [
        (float(theirs.value), float(ours.value), bool(ours.flags))
        for row in board.rows
        if (theirs := row.cells.get(published.key)) and (ours := row.cells.get(measured.key))
        if theirs.copied_from is None and _is_of_column(row, measured)
    ]
    left, right = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    unflagged = [pair for pair in pairs if not pair[2]]
    return Agreement(
        published=published,
        measured=measured,
        models=len(pairs),
        flagged=len(pairs) - len(unflagged),
        spearman=rank_agreement(left, right),
        spearman_unflagged=rank_agreement([pair[0] for pair in unflagged], [pair[1] for pair in unflagged]),
        ratios=ratios(right, left),
        comparison=NO_COMPARISON,
    )


def _is_of_column(row: Row, measured: Column) -> bool:
    return row.precision != Precision.INT8 or measured.precision in ("", Precision.INT8)


def _comparison(published: Column, measured: Column, comparisons: Comparisons) -> Comparison:
    pair = frozenset((published.protocol, measured.protocol))
    of_metric = comparisons.get((pair, measured.metric.key))
    return of_metric or comparisons.get((pair, ""), NO_COMPARISON)
