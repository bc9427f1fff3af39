from __future__ import annotations

from typing import Any

import pandas as pd

from apps.compare.dot_rows import dot_rows_spec, step_marks, training_marks
from apps.compare.svg import render_svg


def drawn(rows: list[tuple[str, str, float]], **options: Any) -> dict[str, Any]:
    frame = pd.DataFrame(rows, columns=["model", "mark", "value"]).assign(
        short=lambda frame: frame["model"], text="text", end="+1"
    )
    marks = options.pop("marks", step_marks("one", "four", "eight"))
    words: dict[str, Any] = {
        "x_title": "Ratio",
        "number_format": "~g",
        "title": "Rows",
        "subtitle": "Of T4.",
        "width": 300,
    }
    return dot_rows_spec(frame, marks=marks, **words, **options)


def rows_of(spec: dict[str, Any], layer: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = spec["datasets"][spec["layer"][layer]["data"]["name"]]
    return rows


def test_rows_keep_their_order_and_span_their_values() -> None:
    spec = drawn([("b", "one", 1.0), ("b", "eight", 3.0), ("a", "one", 2.0)])

    assert spec["layer"][1]["encoding"]["y"]["scale"]["domain"] == ["b", "a"]
    assert rows_of(spec, 0) == [{"short": "b", "low": 1.0, "high": 3.0}, {"short": "a", "low": 2.0, "high": 2.0}]


def test_text_stands_behind_the_largest_value_of_a_row() -> None:
    spec = drawn([("a", "one", 5.0), ("a", "eight", 3.0)])

    assert [(row["short"], row["value"]) for row in rows_of(spec, 2)] == [("a", 5.0)]


def test_reference_is_a_line_across_all_rows() -> None:
    spec = drawn([("a", "one", 0.9)], reference=1.0)

    assert rows_of(spec, 0) == [{"value": 1.0}]
    assert "y" not in spec["layer"][0]["encoding"]


def test_marks_differ_in_shape_as_well_as_in_colour() -> None:
    for marks in (step_marks("one", "four", "eight"), training_marks("plain", "SSLD")):
        assert len({mark.shape for mark in marks}) == len({mark.fill for mark in marks}) == len(marks)


def test_rows_can_be_drawn() -> None:
    spec = drawn([("a", "plain", 0.7), ("a", "SSLD", 0.75)], marks=training_marks("plain", "SSLD"), row_px=40)

    assert "+1" in render_svg(spec)
    assert spec["height"] == 40
