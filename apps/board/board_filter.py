"""The board's filters: facets with counts, ranges with what their columns hold."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from apps.board.board_presets import STORAGE
from apps.board.board_state import Seen
from apps.board.charts import axis_title
from apps.results.facets import FACETS, valid_values
from apps.results.leaderboard import Board, Column

KEPT = ("columns", "sort", "pareto", "select", "zoom")
"""Parameters that the form carries along unseen."""


def filter_form(seen: Seen, address: QueryDict) -> dict[str, Any]:
    """What `_filter.html` shows."""
    ranges = [_range(seen, column) for column in _range_columns(seen)]
    first = {column.key for column in _first_ranges(seen)} | {column.key for column, _, _ in seen.query.bounds}
    return {
        "search": seen.query.search,
        "facets": facet_choices(seen),
        "ranges": [each for each in ranges if each["key"] in first],
        "more_ranges": [each for each in ranges if each["key"] not in first],
        "kept": [(name, address[name]) for name in KEPT if name in address],
        "active": len(seen.query.facets) + len(seen.query.bounds) + bool(seen.query.search),
    }


def facet_choices(seen: Seen) -> list[dict[str, Any]]:
    """Facets between whose values there is a choice, each value with the number of models that it would leave."""
    counts, valid = seen.query.counts(seen.board), valid_values(seen.board)
    found: list[dict[str, Any]] = []
    for facet in FACETS:
        chosen, labels = seen.query.facets.get(facet.key, frozenset()), facet.labels(seen.board)
        choices = [
            {
                "value": value,
                "label": labels.get(value, f"× {value}" if facet.key == "width" else value),
                "count": counts[facet.key][value],
                "is_chosen": value in chosen,
            }
            for value in valid[facet.key]
        ]
        found.append({"key": facet.key, "title": facet.title, "choices": choices, "is_active": bool(chosen)})
    return [facet for facet in found if len(facet["choices"]) > 1]


def _first_ranges(seen: Seen) -> list[Column]:
    """Those that stand open: the axes, the bubbles' size and what a download weighs."""
    picture = seen.picture
    drawn = [picture.y, picture.x, picture.size] if picture else []
    return list(dict.fromkeys(c for c in (*drawn, seen.board.by_key.get(STORAGE)) if c is not None))


def _range_columns(seen: Seen) -> list[Column]:
    bounded = [column for column, _, _ in seen.query.bounds]
    return list(dict.fromkeys([*_first_ranges(seen), *bounded, *seen.query.columns]))


def _range(seen: Seen, column: Column) -> dict[str, Any]:
    least, most = seen.board.derived(_extremes).get(column.key, ("", ""))
    low, high = _bounds(seen.query.bounds, column)
    return {
        "key": column.key,
        "label": axis_title(column),
        "unit": column.metric.unit,
        "low": low,
        "high": high,
        "least": least,
        "most": most,
    }


def _extremes(board: Board) -> dict[str, tuple[str, str]]:
    """The least and the most value of each column that has one, as an address would say it."""
    values: dict[str, list[Decimal]] = defaultdict(list)
    for row in board.rows:
        for key, cell in row.cells.items():
            values[key].append(cell.value)
    return {key: (f"{min(found).normalize():f}", f"{max(found).normalize():f}") for key, found in values.items()}


def _bounds(bounds: Sequence[tuple[Column, Decimal | None, Decimal | None]], column: Column) -> tuple[str, str]:
    """The tightest bounds of an address, which may name a column by two keys."""
    lows = [low for each, low, _ in bounds if each == column and low is not None]
    highs = [high for each, _, high in bounds if each == column and high is not None]
    return f"{max(lows):f}" if lows else "", f"{min(highs):f}" if highs else ""
