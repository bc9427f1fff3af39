"""The leaderboard over REST: the rows and the front that the board page shows, by the same code."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.api.schema import list_schema
from apps.results.agreement import Against, Agreement, Comparisons, against_published, agreements, load_comparisons
from apps.results.api import schema
from apps.results.leaderboard import Board, Column, Row, load_board
from apps.results.query import PLAIN_PARAMETERS, Query, read_query


class LeaderboardView(APIView):
    """One row per model; bounds `min.<column>` and `max.<column>`; the front is that of the rows shown.

    `agreements` are of whole columns, whatever rows are shown, and of the columns asked for.
    """

    @list_schema("leaderboard", schema.Leaderboard, tag="results", parameters=PLAIN_PARAMETERS)
    def get(self, request: Request) -> Response:
        board = load_board()
        query = read_query(request.GET, board)
        return Response(leaderboard_json(board, query, load_comparisons()))


def leaderboard_json(board: Board, query: Query, comparisons: Comparisons) -> dict[str, Any]:
    rows = query.rows(board)
    front = query.front(rows)
    return {
        "columns": [_column_json(column) for column in query.columns],
        "rows": [
            {
                "model": row.model,
                "family": row.family,
                "recipe": row.recipe,
                "precision": row.precision,
                "width_multiplier": row.width_multiplier,
                "on_front": row.model in front if query.pareto else None,
                "cells": {c.key: _cell_json(row, c, query.columns, comparisons) for c in query.columns},
            }
            for row in rows
        ],
        "agreements": [_agreement_json(found) for found in agreements(board.rows, query.columns, comparisons)],
    }


def _column_json(column: Column) -> dict[str, Any]:
    return {
        "key": column.key,
        "metric": column.metric.key,
        "unit": column.metric.unit,
        "direction": column.metric.direction,
        "configuration": column.configuration,
        "protocol": column.protocol,
        "engine": column.engine or None,
        "device": column.device_kind or None,
        "is_measured": column.is_measured,
    }


def _agreement_json(agreement: Agreement) -> dict[str, Any]:
    ratios = agreement.ratios
    return {
        "published": agreement.published.key,
        "measured": agreement.measured.key,
        "models": agreement.models,
        "spearman": agreement.spearman,
        "ratio_median": ratios.median if ratios else None,
        "ratio_min": ratios.low if ratios else None,
        "ratio_max": ratios.high if ratios else None,
        "comparable": agreement.comparison.verdict,
        "sentence": agreement.comparison.sentence,
    }


def _against_json(against: Against) -> dict[str, Any]:
    return {"column": against.column.key, "ratio": against.ratio, "comparable": against.comparison.verdict}


def _cell_json(row: Row, column: Column, columns: list[Column], comparisons: Comparisons) -> dict[str, Any] | None:
    cell = row.cells.get(column.key)
    if cell is None:
        return None
    return {
        "value": cell.value,
        "printed": cell.printed or None,
        "unit": column.metric.unit,
        "origin": cell.origin,
        "evidence": cell.evidence,
        "interval": list(cell.interval) if cell.interval else None,
        "n": cell.n,
        "flags": cell.flags,
        "copied_from": cell.copied_from,
        "source": cell.source,
        "run": cell.run_id,
        "result": cell.result_id,
        "device_count": cell.device_count,
        "range": list(cell.value_range),
        "against_published": [_against_json(found) for found in against_published(row, column, columns, comparisons)],
    }
