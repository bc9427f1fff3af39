"""The leaderboard over REST: the rows and the front that the board page shows, by the same code."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import orjson
from django.http import QueryDict
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.answers import JSON, read_format, table_answer
from apps.core.api.conditional import etag_of, kept_while, shape_sha256, unchanged
from apps.core.api.listing import FORMAT, TEXT, list_responses, one_of, set_parameter
from apps.core.api.parameters import refused
from apps.core.api.renderers import dumps
from apps.core.api.views import ApiView
from apps.results.agreement import (
    Against,
    Agreement,
    Comparisons,
    against_published,
    agreements,
    comparisons_of,
    published_beside,
)
from apps.results.api import schema
from apps.results.board_token import board_token, results_token
from apps.results.facets import FACETS, FIXED_VALUES
from apps.results.leaderboard import Board, Column, Row, load_board
from apps.results.query import SEARCH_LETTERS, Query, read_query
from apps.results.submitted_board import SUBMITTED_PARAMETER, asks_for_submitted, with_submitted
from apps.results.wide import wide_columns, wide_rows


def query_parameters(*, needs_front: bool = False) -> list[OpenApiParameter]:
    """Of an address that asks of the board, bounds left out, since they are named after its columns."""
    sort = {"type": "string", "pattern": r"^-?[A-Za-z0-9._-]+$"}
    search = {"type": "string", "maxLength": SEARCH_LETTERS, "pattern": r"^[^\x00]*$"}
    return [
        set_parameter("columns", help="Keys of columns, `<metric>.<configuration>` or a metric alone; all without."),
        OpenApiParameter("sort", sort, description="A column or `model`; a minus turns the order round."),
        set_parameter("pareto", help="Columns whose Pareto front is asked for.", is_required=needs_front),
        *(set_parameter(facet.key, one=_facet_value(facet.key), help=facet.title) for facet in FACETS),
        OpenApiParameter("q", search, description="Words that are all in a model's name or its family's."),
        OpenApiParameter(SUBMITTED_PARAMETER, enum=["0", "1"], description="`1` adds what people sent in, unvetted."),
        FORMAT,
    ]


def _facet_value(key: str) -> dict[str, Any]:
    return one_of(FIXED_VALUES[key]) if key in FIXED_VALUES else TEXT


def board_asked_for(parameters: QueryDict, *, token: str = "") -> Board:
    """The board; with what people sent in beside it only where the address asks for that."""
    board = load_board(token=token)
    return with_submitted(board) if asks_for_submitted(parameters) else board


class LeaderboardView(ApiView):
    """One row per model; bounds `min.<column>` and `max.<column>`; the front is that of the rows shown.

    What people sent in has columns of its own, `submitted.<column>`: they are there when one is named, or all of them
    with `submitted=1`, and never otherwise.

    `agreements` are of whole columns, whatever rows are shown, and of the columns asked for.
    """

    takes_parameters = ("GET",)

    @extend_schema(
        operation_id="leaderboard_list",
        parameters=query_parameters(),
        responses=list_responses(schema.Leaderboard),
        tags=["results"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        token = board_token()
        # A submitted value changes no cell of the board.
        state = results_token if asks_for_submitted(request.GET) else board_token
        said = token if state is board_token else state()
        etag = etag_of(request, said, shape_sha256(schema.Leaderboard))
        if (answer := unchanged(request, etag)) is not None:
            return answer
        board = board_asked_for(request.GET, token=token)
        query = read_query(request.GET, board, also=("format", SUBMITTED_PARAMETER))
        kind = read_format(request.GET)
        if kind == JSON:
            answer = Response(leaderboard_json(board, query, comparisons_of(board)))
            return kept_while(answer, state, said=said, etag=etag)
        rows = query.rows(board)
        front = query.front(rows) if query.pareto else None
        return table_answer(
            wide_columns(query.columns), wide_rows(rows, query.columns, front), kind=kind, name="leaderboard"
        )


class ParetoView(ApiView):
    """The Pareto front of the columns in `pareto`, among the rows that the filters keep; and who beats the others.

    Its filters are the leaderboard's. Without `columns` a row shows the columns of the front.
    """

    takes_parameters = ("GET",)

    @extend_schema(
        operation_id="pareto_list",
        parameters=query_parameters(needs_front=True),
        responses=list_responses(schema.Pareto),
        tags=["results"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        board = board_asked_for(request.GET)
        query = read_query(request.GET, board, also=("format", SUBMITTED_PARAMETER))
        kind = read_format(request.GET)
        if not query.pareto:
            valid = ", ".join(sorted(board.by_key))
            raise refused("pareto", f"Name the columns of the front as pareto=<column>,<column>. Valid: {valid}.")
        if "columns" not in request.GET:
            query = replace(query, columns=query.pareto)
        if kind == JSON:
            return Response(pareto_json(board, query, comparisons_of(board)))
        rows = query.rows(board)
        front = query.front(rows)
        on_front = [row for row in rows if row.model in front]
        return table_answer(
            wide_columns(query.columns), wide_rows(on_front, query.columns, front), kind=kind, name="pareto"
        )


def pareto_json(board: Board, query: Query, comparisons: Comparisons) -> dict[str, Any]:
    rows = query.rows(board)
    front, winners = query.front(rows), query.dominators(rows)
    on_front = [row for row in rows if row.model in front]
    return {
        "objectives": [column.key for column in query.pareto],
        "columns": [_column_json(column) for column in query.columns],
        "front": _rows_json(on_front, query, front, comparisons),
        "dominated": [{"model": row.model, "by": winners[row.model]} for row in rows if row.model in winners],
        "incomplete": [row.model for row in rows if row.model not in front and row.model not in winners],
    }


def leaderboard_json(board: Board, query: Query, comparisons: Comparisons) -> dict[str, Any]:
    rows = query.rows(board)
    return {
        "columns": [_column_json(column) for column in query.columns],
        "rows": _rows_json(rows, query, query.front(rows), comparisons),
        "agreements": [_agreement_json(found) for found in agreements(board, query.columns, comparisons)],
    }


def _rows_json(rows: Iterable[Row], query: Query, front: Collection[str], comparisons: Comparisons) -> orjson.Fragment:
    """The list of rows as bytes, put together of what was written of each before."""
    beside = [(column, published_beside(column, query.columns)) for column in query.columns]
    shown = tuple((column.key, *(each.key for each in published)) for column, published in beside)
    on, off = (b'{"on_front":true,', b'{"on_front":false,') if query.pareto else (b'{"on_front":null,',) * 2
    written = [
        (on if row.model in front else off) + row.written_last(shown, _row_bytes, beside, comparisons) for row in rows
    ]
    return orjson.Fragment(b"[%b]" % b",".join(written))


def _row_bytes(row: Row, beside: Sequence[tuple[Column, list[Column]]], comparisons: Comparisons) -> bytes:
    """The row's object without its beginning."""
    cells = {column.key: _cell_json(row, column, published, comparisons) for column, published in beside}
    about = {
        "model": row.model,
        "family": row.family,
        "recipe": row.recipe,
        "precision": row.precision,
        "width_multiplier": row.width_multiplier,
        "cells": cells,
    }
    return dumps(about).removeprefix(b"{")


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
        "is_submitted": column.is_submitted,
    }


def _agreement_json(agreement: Agreement) -> dict[str, Any]:
    ratios = agreement.ratios
    return {
        "published": agreement.published.key,
        "measured": agreement.measured.key,
        "models": agreement.models,
        "flagged": agreement.flagged,
        "spearman": agreement.spearman,
        "spearman_unflagged": agreement.spearman_unflagged,
        "ratio_median": ratios.median if ratios else None,
        "ratio_min": ratios.low if ratios else None,
        "ratio_max": ratios.high if ratios else None,
        "comparable": agreement.comparison.verdict,
        "sentence": agreement.comparison.sentence,
    }


def _against_json(against: Against) -> dict[str, Any]:
    return {"column": against.column.key, "ratio": against.ratio, "comparable": against.comparison.verdict}


def _cell_json(row: Row, column: Column, published: list[Column], comparisons: Comparisons) -> dict[str, Any] | None:
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
        "submission": cell.submission_id,
        "submitters": cell.owner_count if cell.submission_id else None,
        "result": cell.result_id,
        "device_count": cell.device_count,
        "range": list(cell.value_range),
        "against_published": [_against_json(found) for found in against_published(row, column, published, comparisons)],
    }
