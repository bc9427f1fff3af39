from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from apps.compare.axis import Axis
from apps.compare.batch_lines import batch_lines_spec
from apps.compare.palette import FAMILY_COLOURS
from apps.compare.svg import render_svg

LATENCY = Axis("Latency", "ms", "min", "log")


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    rows = [
        (family, f"{family}{width}", f"×{width}", batch, base * batch**0.5)
        for family, base in (("B", 1.0), ("C", 4.0))
        for width in (0.5, 1.0)
        for batch in (1, 4, 8)
    ]
    frame = pd.DataFrame(rows, columns=["family_title", "model", "label", "batch", "value"]).assign(text="1 ms")
    options: dict[str, Any] = {"title": "By batch", "subtitle": "T4.", "families": ["A", "B", "C"]}
    return batch_lines_spec(frame, y=LATENCY, columns=2, panel_width=200, **options)


def test_every_family_has_a_panel_on_the_same_axes(spec: dict[str, Any]) -> None:
    panels = spec["concat"]

    scales = [panel["layer"][0]["encoding"]["y"]["scale"] for panel in panels]
    assert [panel["title"]["text"] for panel in panels] == ["B", "C"]
    assert scales[0] == scales[1]
    assert scales[0]["type"] == panels[0]["layer"][0]["encoding"]["x"]["scale"]["type"] == "log"


def test_family_keeps_the_colour_that_it_has_on_the_board(spec: dict[str, Any]) -> None:
    colours = [panel["layer"][0]["mark"]["color"] for panel in spec["concat"]]

    assert colours == list(FAMILY_COLOURS[1:3])


def test_models_are_labelled_at_their_last_batch_without_covering_each_other(spec: dict[str, Any]) -> None:
    labels = spec["datasets"][spec["concat"][0]["layer"][2]["data"]["name"]]

    assert [(label["label"], label["batch"]) for label in labels] == [("×0.5", 8), ("×1.0", 8)]
    assert abs(labels[0]["dy"] - labels[1]["dy"]) >= 12


def test_spec_can_be_drawn(spec: dict[str, Any]) -> None:
    assert "×0.5" in render_svg(spec)
