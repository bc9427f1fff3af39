"""A model's measured values beside the published ones that say the same."""

from typing import Any

from apps.board.agreement import ratio_text, verdict_label
from apps.board.table import cell_address
from apps.board.text import column_label, interval_text, value_text
from apps.results.agreement import Against, Comparisons, against_published
from apps.results.leaderboard import Board, Column, Row


def published_pairs(board: Board, row: Row, comparisons: Comparisons) -> list[list[dict[str, Any]]]:
    """For each measured value the published ones that say the same, the most comparable first."""
    found = [(column, against_published(row, column, board.columns, comparisons)) for column in board.columns]
    return [[_pair(row, column, each) for each in against] for column, against in found if against]


def _pair(row: Row, column: Column, found: Against) -> dict[str, Any]:
    published, measured = row.cells[found.column.key], row.cells[column.key]
    return {
        "published_label": column_label(found.column),
        "published_text": value_text(found.column.metric, published.value, published.printed),
        "published_href": cell_address(published),
        "measured_label": f"{column_label(column)}, {column.engine}",
        "measured_text": value_text(column.metric, measured.value, measured.printed),
        "interval_text": interval_text(column.metric, measured.value, measured.interval),
        "measured_href": cell_address(measured),
        "unit": column.metric.unit,
        "published_unit": found.column.metric.unit,
        "copied_from": published.copied_from,
        "ratio": ratio_text(found.ratio),
        "verdict": verdict_label(found.comparison.verdict),
        "sentence": found.comparison.sentence,
    }
