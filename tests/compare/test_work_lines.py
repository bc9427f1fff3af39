from __future__ import annotations

from typing import Any

import pandas as pd

from apps.compare.axis import Axis
from apps.compare.sentence import EqualWork
from apps.compare.svg import render_svg
from apps.compare.work_lines import work_lines_spec

FLOPS, LATENCY = Axis("FLOPs", "G", "min", "log"), Axis("Latency", "ms", "min", "log")


def drawn(points: dict[str, list[tuple[float, float]]], equal: EqualWork | None = None) -> dict[str, Any]:
    rows = [(family, f"{family}-{x}", x, y, "x", "y") for family, line in points.items() for x, y in line]
    frame = pd.DataFrame(rows, columns=["family_title", "model", "x", "y", "x_text", "y_text"])
    return work_lines_spec(
        frame,
        x=FLOPS,
        y=LATENCY,
        title="Time against work",
        subtitle="T4.",
        families=["A", "B"],
        width=400,
        height=200,
        equal=equal,
    )


def names(spec: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = spec["datasets"][spec["layer"][-1]["data"]["name"]]
    return rows


def test_each_family_is_named_at_the_end_that_is_farther_from_the_others() -> None:
    spec = drawn({"A": [(0.1, 1.0), (1.0, 1.2)], "B": [(0.01, 2.0), (0.1, 1.1)]})

    assert {row["family_title"]: row["x"] for row in names(spec)} == {"A": 1.0, "B": 0.01}


def test_lonely_family_is_named_at_its_largest_work() -> None:
    assert [row["x"] for row in names(drawn({"A": [(0.1, 1.0), (1.0, 1.2)]}))] == [1.0]


def test_equal_work_is_a_line_with_a_dot_on_each_family() -> None:
    points = {"A": [(0.1, 1.0), (1.0, 1.2)], "B": [(0.1, 2.0), (1.0, 2.2)]}

    spec = drawn(points, EqualWork(0.3, {"A": 1.1, "B": 2.1}))

    dots = spec["datasets"][spec["layer"][1]["data"]["name"]]
    assert dots == [{"x": 0.3, "y": 1.1}, {"x": 0.3, "y": 2.1}]
    assert spec["layer"][0]["mark"]["type"] == "rule"


def test_axes_have_ticks_even_where_they_are_short() -> None:
    spec = drawn({"A": [(0.1, 1.05), (1.0, 2.2)]})

    assert len(spec["layer"][0]["encoding"]["y"]["axis"]["values"]) >= 2


def test_lines_can_be_drawn() -> None:
    assert ">A<" in render_svg(drawn({"A": [(0.1, 1.0), (1.0, 1.2)]}))
