from __future__ import annotations

import pandas as pd

from apps.compare.stage_bars import stage_bars_spec

FRAME = pd.DataFrame(
    [
        {"panel": panel, "stage": stage, "value": value, "text": f"{value:g}"}
        for panel in ("macs", "params")
        for stage, value in (("112 × 112", 5.0), ("head", 2.5))
    ]
)
PANELS = [("macs", "MACs (M)"), ("params", "Parameters (k)")]


def test_each_measure_has_a_panel_over_the_same_stages_in_order() -> None:
    spec = stage_bars_spec(FRAME, PANELS, title="Where it lies", columns=2, panel_width=200)

    assert [panel["title"]["text"] for panel in spec["concat"]] == ["MACs (M)", "Parameters (k)"]
    sorts = [layer["encoding"]["y"]["sort"] for panel in spec["concat"] for layer in panel["layer"]]
    assert sorts == [["112 × 112", "head"]] * 4
    assert spec["description"] == "Where it lies. MACs (M); Parameters (k)."


def test_bars_begin_at_nought_and_leave_room_for_their_numbers() -> None:
    spec = stage_bars_spec(FRAME, PANELS, title="Where it lies", columns=1, panel_width=200)

    assert spec["concat"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 7.5]
