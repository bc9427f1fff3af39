"""The rows of a board in the order of a column's values, so that a bound or a sort need not look at every row."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.results.leaderboard import Board, Column


@dataclass(frozen=True)
class Ranking:
    """Places in the board of the rows that have a value; rows of the same value in the board's order, either way."""

    values: list[Decimal]
    """In ascending order, as `ascending` says whose each is."""
    ascending: list[int]
    descending: list[int]

    def within(self, low: Decimal | None, high: Decimal | None) -> set[int]:
        """Both inclusive."""
        begin = 0 if low is None else bisect_left(self.values, low)
        end = len(self.values) if high is None else bisect_right(self.values, high)
        return set(self.ascending[begin:end])

    def ordered(self, places: Sequence[int], *, is_descending: bool) -> list[int]:
        """These places in the order of their values; those without one come last, as they are."""
        wanted = set(places)
        with_value = [place for place in (self.descending if is_descending else self.ascending) if place in wanted]
        without = wanted.difference(with_value)
        return with_value + [place for place in places if place in without]

    def ends(self, board: Board, shown: Collection[str]) -> tuple[Decimal, ...]:
        """The least and the greatest value among the models that are shown; nothing where none of them has one."""
        order = range(len(self.values))
        found = (self._first(board, shown, places) for places in (order, reversed(order)))
        return tuple(self.values[place] for place in found if place is not None)

    def _first(self, board: Board, shown: Collection[str], order: Iterable[int]) -> int | None:
        return next((place for place in order if board.rows[self.ascending[place]].model in shown), None)


def ranking(board: Board, column: Column) -> Ranking:
    return board.derived(_ranking, column.key)


def _ranking(board: Board, key: str) -> Ranking:
    values = {place: cell.value for place, row in enumerate(board.rows) if (cell := row.cells.get(key))}
    ascending = sorted(values, key=values.__getitem__)
    descending = sorted(values, key=values.__getitem__, reverse=True)
    return Ranking([values[place] for place in ascending], ascending, descending)
