"""How a model's measured values changed over time."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.board.compare_chart import Specs, cached_chart
from apps.board.text import flag_label, full_label
from apps.compare.change_sentence import differences_text
from apps.fleet.models import TrustTier
from apps.results.history import HistoryRow
from apps.results.leaderboard import Board, Column, column_key
from apps.results.level_changes import LevelChange

METRICS = ("top1", "latency")
MOST_RESULTS, MOST_PANELS = 500, 6
WIDE_COLUMNS, WIDE_PX, ALONE_PX, NARROW_PX = 2, 400, 860, 250


def history_chart(board: Board, history: Sequence[HistoryRow], changes: Sequence[LevelChange]) -> dict[str, Any] | None:
    """A panel per column that was measured more than once, with marks where its level changed; None without one."""
    by_column = _by_column(board, history)
    repeated = sorted((column for column, rows in by_column.items() if len(rows) > 1), key=lambda c: -len(by_column[c]))
    if not repeated:
        return None
    shown = repeated[:MOST_PANELS]
    effects = {change.first.result_id: change.effect for change in changes}
    points = [point for column in shown for point in _points(column, by_column[column], effects)]
    panels = [(column.key, _title(column)) for column in shown]
    subtitle = _subtitle(len(points), len(repeated) - len(shown))
    title = "Measured values over time"
    chart = cached_chart("history", [points, panels, title, subtitle], lambda: _build(points, panels, title, subtitle))
    return {**chart, "source": f"Source: {len({point['run'] for point in points})} runs of this site's agents"}


def change_rows(board: Board, changes: Sequence[LevelChange]) -> list[dict[str, Any]]:
    """Each change in words, the newest first."""
    return [
        {
            "label": full_label(column),
            "device": f"device {change.device_id}",
            "effect": change.effect,
            "is_better": change.point.is_better,
            "run_id": change.first.run_id,
            "measured_at": change.first.at,
            "levels": change.levels,
            "differences": differences_text(change.differences),
        }
        for change in changes
        if (column := board.by_key.get(column_key(change.metric.key, change.configuration)))
    ]


def _by_column(board: Board, history: Sequence[HistoryRow]) -> dict[Column, list[HistoryRow]]:
    """The newest values of the metrics that are drawn, oldest first, by the board's column."""
    columns = {(column.metric.key, column.configuration): column for column in board.columns}
    drawn = [row for row in history if row["metric"] in METRICS]
    found: dict[Column, list[HistoryRow]] = {}
    for row in drawn[-MOST_RESULTS:]:
        column = columns.get((row["metric"], row["configuration__slug"]))
        if column is not None:
            found.setdefault(column, []).append(row)
    return found


def _title(column: Column) -> str:
    return f"{full_label(column)} ({column.metric.unit})" if column.metric.unit else full_label(column)


def _points(column: Column, rows: Sequence[HistoryRow], effects: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "panel": column.key,
            "at": row["measured_at"].isoformat(),
            "value": float(row["value"]),
            "low": None if row["interval_low"] is None else float(row["interval_low"]),
            "high": None if row["interval_high"] is None else float(row["interval_high"]),
            "device": f"device {row['device_id']}",
            "release": f"{column.engine} {row['engine_release']}".strip(),
            "text": f"{column.metric.text(row['value'])} {column.metric.unit}".strip(),
            "run": str(row["attempt__run_id"]),
            "flags": ", ".join(map(flag_label, row["flags"])),
            "is_vetted": row["trust_tier"] >= TrustTier.VETTED,
            "is_break": is_break,
            "change": effects.get(row["id"], ""),
        }
        for row, is_break in zip(rows, _breaks(rows), strict=True)
    ]


def _breaks(rows: Sequence[HistoryRow]) -> list[bool]:
    """Whether a value is the first one of its device with another release of the engine than before."""
    last: dict[int, str] = {}
    found = []
    for row in rows:
        release = row["engine_release"]
        found.append(last.get(row["device_id"], release) != release)
        last[row["device_id"]] = release
    return found


def _subtitle(values: int, panels_left_out: int) -> str:
    left_out = f" {panels_left_out} more columns were measured less often and are left out." if panels_left_out else ""
    return (
        f"{values} values by agents of this site, with 95 % intervals where there are samples. Hollow: by an unvetted "
        f"agent; triangle: flagged; dashed: the release of the engine changed; ring: the level changed.{left_out}"
    )


def _build(points: list[dict[str, Any]], panels: list[tuple[str, str]], title: str, subtitle: str) -> Specs:
    import pandas as pd

    from apps.compare.history_curve import history_curve_spec

    frame = pd.DataFrame(points).astype({"low": float, "high": float})
    shared = {"title": title, "subtitle": subtitle}
    columns = min(WIDE_COLUMNS, len(panels))
    width = WIDE_PX if columns > 1 else ALONE_PX
    return {
        "title": title,
        "spec": history_curve_spec(frame, panels, columns=columns, panel_width=width, **shared),
        "narrow_spec": history_curve_spec(frame, panels, columns=1, panel_width=NARROW_PX, **shared),
    }
