from __future__ import annotations

import math
from typing import Any

import pandas as pd

from apps.compare.history_curve import history_curve_spec
from apps.compare.svg import render_svg

FIRST = {
    "panel": "latency.a",
    "at": "2026-03-01T12:00:00+00:00",
    "value": 2.0,
    "low": 1.9,
    "high": 2.1,
    "device": "device 1",
    "release": "onnxruntime 1.2.3",
    "text": "2.000 ms",
    "run": "1",
    "flags": "",
    "is_vetted": True,
    "is_break": False,
    "change": "",
}
SECOND = {**FIRST, "at": "2026-03-04T12:00:00+00:00", "value": 2.2, "low": math.nan, "high": math.nan, "run": "2"}
SLOWER = {**SECOND, "change": "10.0 % slower"}
BROKEN = {**SECOND, "release": "onnxruntime 1.3.0", "is_break": True}


def panel_of(*rows: dict[str, object]) -> dict[str, Any]:
    spec = history_curve_spec(
        pd.DataFrame(rows), [("latency.a", "Latency")], title="History", subtitle="2 values", columns=1, panel_width=300
    )
    assert "<svg" in render_svg(spec)
    panel: dict[str, Any] = spec["concat"][0]
    return panel


def test_line_points_and_intervals_without_a_break() -> None:
    panel = panel_of(FIRST, SECOND)

    marks = [layer["mark"]["type"] for layer in panel["layer"]]
    assert marks == ["line", "rule", "point"]


def test_line_does_not_go_on_over_another_release() -> None:
    panel = panel_of(FIRST, BROKEN)

    line, _, _, break_rule, break_text = panel["layer"]
    assert [detail["field"] for detail in line["encoding"]["detail"]] == ["device", "release"]
    assert break_rule["transform"] == break_text["transform"] == [{"filter": "datum.is_break"}]


def test_change_of_level_has_a_rule_a_ring_and_words() -> None:
    panel = panel_of(FIRST, SLOWER)

    *_, rule, ring, words = panel["layer"]
    assert [layer["mark"]["type"] for layer in (rule, ring, words)] == ["rule", "point", "text"]
    assert all(layer["transform"] == [{"filter": "datum.change !== ''"}] for layer in (rule, ring, words))
    assert words["encoding"]["text"]["field"] == "change"
