"""How the metrics of a family follow from its width: what stands in the spec."""

import pandas as pd

from apps.compare.width_curve import WidthPanel, width_curve_spec


def test_series_is_joined_and_others_carry_their_mark() -> None:
    rows = [
        ("top1", "V1_x0_5", "", "0.635", 0.5, 0.635),
        ("top1", "V1", "", "0.710", 1.0, 0.710),
        ("top1", "V1_ssld", "SSLD", "0.779", 1.0, 0.779),
    ]
    frame = pd.DataFrame(rows, columns=["panel", "model", "mark", "text", "width", "value"])
    panel = WidthPanel("top1", "Top-1 (%)", "fraction", "published")

    drawn = width_curve_spec(
        frame, [panel], title="V1 by width", colour="#3a4454", shape="circle", columns=1, panel_width=200
    )

    line, series, special, names = drawn["concat"][0]["layer"]
    assert line["mark"]["type"] == "line"
    assert line["transform"] == series["transform"] == [{"filter": "datum.mark === ''"}]
    assert special["transform"] == names["transform"] == [{"filter": "datum.mark !== ''"}]
    assert drawn["concat"][0]["layer"][0]["encoding"]["x"]["axis"]["values"] == [0.5, 1.0]
