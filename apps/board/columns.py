"""Which columns the board's table shows: a choice in the address, else the ones that most people come for."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.http import QueryDict

from apps.board.table import changed, group_title
from apps.board.text import protocol_label
from apps.results.leaderboard import Board, Column

TIMED = ("latency", "cpu_time")
HEADLINE = re.compile(r"-bs1(-t1)?$")
"""Batch 1 and, where protocols differ in it, one thread."""

Series = tuple[str, str, str]
"""(metric, protocol, device kind): columns that differ in the engine alone."""


def default_columns(board: Board) -> list[Column]:
    """Everything published and counted, and of what is timed here batch 1 with the engine that measured most models."""
    return board.derived(_default_columns)


def _default_columns(board: Board) -> list[Column]:
    counts = Counter(key for row in board.rows for key in row.cells)
    fullest: dict[Series, Column] = {}
    for column in board.columns:
        series = _series(column)
        if series not in fullest or counts[column.key] > counts[fullest[series].key]:
            fullest[series] = column
    return [column for column in board.columns if _is_headline(column, fullest[_series(column)])]


def _series(column: Column) -> Series:
    return column.metric.key, column.protocol, column.device_kind


def _is_headline(column: Column, fullest: Column) -> bool:
    if not column.is_measured:
        return True
    if not column.device_kind:
        return not column.dataset
    return column == fullest and column.metric.key in TIMED and bool(HEADLINE.search(column.protocol))


def column_choices(board: Board, shown: Sequence[Column], address: QueryDict) -> dict[str, Any]:
    """What the form of the columns shows: a group per device and engine, and the address's other parameters to keep."""
    keys = {column.key for column in shown}
    return {
        "shown": len(keys),
        "all": len(board.columns),
        "groups": [
            {"title": title, "columns": [_choice(column, keys) for column in columns]}
            for title, columns in groupby(board.columns, key=group_title)
        ],
        "default_url": changed(address, columns=None),
        "kept": [(name, value) for name, values in address.lists() if name != "columns" for value in values],
    }


def _choice(column: Column, shown: set[str]) -> dict[str, Any]:
    label = f"{column.metric.label}, {how}" if (how := protocol_label(column)) else column.metric.label
    return {"key": column.key, "label": label, "is_shown": column.key in shown}
