"""Bars of a few models: what stands in the spec."""

from typing import Any

import pandas as pd

from apps.compare.bar_panels import Panel, bar_panels_spec

PANELS = [Panel("top1", "Top-1", "published"), Panel("ms", "Latency", "measured here")]


def frame() -> pd.DataFrame:
    rows = [
        ("top1", "A", "a", "0.514", 0.514, None, None),
        ("top1", "B", "b", "no value", None, None, None),
        ("ms", "A", "a", "2.2 ms", 2.2, 2.1, 2.3),
        ("ms", "B", "b", "4.0 ms", 4.0, None, None),
    ]
    table = pd.DataFrame(rows, columns=["panel", "model", "short", "text", "value", "low", "high"])
    return table.assign(family_title="F").astype({"value": float, "low": float, "high": float})


def spec(columns: int = 2) -> dict[str, Any]:
    return bar_panels_spec(frame(), PANELS, title="2 models", families=["E", "F"], columns=columns, panel_width=200)


def test_each_metric_has_a_panel_with_every_model_in_the_same_order() -> None:
    drawn = spec()

    assert [panel["title"]["text"] for panel in drawn["concat"]] == ["Top-1", "Latency"]
    assert {tuple(panel["layer"][0]["encoding"]["y"]["scale"]["domain"]) for panel in drawn["concat"]} == {("a", "b")}


def test_bars_begin_at_nought() -> None:
    lows = [panel["layer"][0]["encoding"]["x"]["scale"]["domain"][0] for panel in spec()["concat"]]

    assert lows == [0, 0]


def test_family_keeps_the_colour_that_it_has_among_all_families() -> None:
    [first, _] = spec()["concat"]

    assert first["layer"][0]["encoding"]["color"]["scale"]["domain"] == ["E", "F"]


def test_missing_value_is_said_and_not_drawn_as_nought() -> None:
    rows = [
        row for data in spec()["datasets"].values() for row in data if row["model"] == "B" and row["text"] == "no value"
    ]

    assert {row["value"] for row in rows} == {None}


def test_narrow_grid_has_one_column() -> None:
    assert spec(columns=1)["columns"] == 1
