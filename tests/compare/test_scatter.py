from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from apps.compare import palette
from apps.compare.axis import Axis
from apps.compare.scatter import scatter_spec
from apps.compare.svg import render_svg
from tests.compare.published import FRONT, LATENCY, TOP1, published_frame

Spec = dict[str, Any]


@pytest.fixture(scope="module")
def spec() -> Spec:
    return scatter_spec(
        published_frame(), x=LATENCY, y=TOP1, title="Accuracy against latency", subtitle="As published."
    )


def layers(spec: Spec, mark: str) -> list[Spec]:
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == mark]


def rows(spec: Spec, layer: Spec) -> list[dict[str, Any]]:
    """A layer's rows; of the points' two layers each draws the plain ones or the others."""
    found: list[dict[str, Any]] = spec["datasets"][layer["data"]["name"]]
    kept = {"datum.is_base": True, "!datum.is_base": False}
    filters = [kept[step["filter"]] for step in layer.get("transform", []) if "filter" in step]
    return [row for row in found if all(row["is_base"] == wanted for wanted in filters)]


def test_spec_is_strict_json(spec: Spec) -> None:
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec


def test_every_model_is_drawn_once_with_its_values_in_linear_units(spec: Spec) -> None:
    drawn = [row for layer in layers(spec, "point")[:2] for row in rows(spec, layer)]

    assert {row["model"]: (row["x"], row["y"]) for row in drawn} == {
        row.model: (row.x, row.y) for row in published_frame().itertuples()
    }
    assert len(drawn) == 32


def test_latency_axis_is_logarithmic_with_round_ticks(spec: Spec) -> None:
    x = spec["layer"][0]["encoding"]["x"]

    assert x["scale"]["type"] == "log"
    assert x["axis"]["values"] == [2, 5, 10, 20, 50]


def test_lines_join_each_family_in_width_order_without_distilled_models_and_variants(spec: Spec) -> None:
    series = layers(spec, "line")[0]
    shuffle = [row for row in rows(spec, series) if row["family_title"] == "ShuffleNetV2"]

    assert len(rows(spec, series)) == 27 - 1  # one architecture is a variant of a width: the swish one
    assert [row["width_multiplier"] for row in shuffle] == [0.25, 0.33, 0.5, 1.0, 1.5, 2.0]
    assert [row["x"] for row in shuffle if row["width_multiplier"] == 1.0] == [10.941]
    assert series["encoding"]["order"]["field"] == "width_multiplier"


def test_front_is_a_staircase_from_its_cheapest_model_to_the_edge(spec: Spec) -> None:
    front = layers(spec, "line")[1]
    corners = rows(spec, front)

    assert front["mark"]["interpolate"] == "step-after"
    assert corners[0] == {"x": 2.329, "y": 0.499}
    assert len(corners) == len(FRONT) + 1
    assert corners[-1] == {"x": spec["layer"][0]["encoding"]["x"]["scale"]["domain"][1], "y": 0.79}


def test_front_models_are_larger_and_ringed(spec: Spec) -> None:
    drawn = [row for layer in layers(spec, "point")[:2] for row in rows(spec, layer) if row["is_base"]]

    assert {row["model"] for row in drawn if row["area_px"] > 100} == {name for name in FRONT if "ssld" not in name}
    assert layers(spec, "point")[0]["encoding"]["stroke"]["condition"]["value"] == palette.INK


def test_distilled_and_int8_models_have_marks_of_their_own(spec: Spec) -> None:
    special = layers(spec, "point")[1]

    assert {row["model"] for row in rows(spec, special)} == {
        "MobileNetV1_ssld",
        "MobileNetV2_ssld",
        "MobileNetV3_large_x1_0_ssld",
        "MobileNetV3_large_x1_0_ssld_int8",
        "MobileNetV3_small_x1_0_ssld",
    }
    assert "shape" not in special["encoding"]
    assert spec["title"]["subtitle"] == ["As published. ★ distilled (SSLD), ◆ int8."]


def test_family_is_told_by_colour_and_by_shape(spec: Spec) -> None:
    encoding = layers(spec, "point")[0]["encoding"]

    assert encoding["color"]["field"] == encoding["shape"]["field"] == "family_title"
    assert len(set(encoding["color"]["scale"]["range"])) == len(set(encoding["shape"]["scale"]["range"])) == 5


def test_legend_selects_and_nothing_uses_nearest(spec: Spec) -> None:
    [parameter] = spec["params"]

    assert parameter["bind"] == "legend"
    assert parameter["select"]["fields"] == ["family_title"]
    assert "nearest" not in json.dumps(spec)


def test_tooltip_shows_printed_digits_with_unit_and_origin(spec: Spec) -> None:
    [mobilenet] = [row for row in rows(spec, layers(spec, "point")[0]) if row["model"] == "MobileNetV1_x0_25"]

    assert mobilenet["x_text"] == "3.220 ms (published)"
    assert mobilenet["y_text"] == "0.514 (published)"


def test_tooltip_shows_flags_only_where_there_are_some(spec: Spec) -> None:
    flagged = scatter_spec(published_frame().assign(flags="busy host"), x=LATENCY, y=TOP1, title="t", subtitle="s")

    titles = [[field["title"] for field in layers(s, "point")[0]["encoding"]["tooltip"]] for s in (spec, flagged)]

    assert titles[0] == ["Model", "Family", "Recipe", "Precision", LATENCY.title, TOP1.title]
    assert titles[1] == [*titles[0], "Flags"]


def test_models_without_both_values_are_left_out() -> None:
    frame = published_frame()
    frame.loc[0, "x"] = float("nan")

    spec = scatter_spec(frame, x=LATENCY, y=TOP1, title="t", subtitle="s")

    assert "MobileNetV1_x0_25" not in json.dumps(spec)


def test_frame_without_rows_still_draws() -> None:
    spec = scatter_spec(published_frame().iloc[:0], x=LATENCY, y=TOP1, title="Empty", subtitle="")

    assert spec["title"]["text"] == ["Empty"]


def test_front_steps_the_other_way_where_more_of_x_is_better() -> None:
    speed = Axis(title="Speed", unit="1/s", direction="max", scale="log")

    spec = scatter_spec(published_frame(), x=speed, y=TOP1, title="t", subtitle="s")

    front = layers(spec, "line")[1]
    assert front["mark"]["interpolate"] == "step-before"
    assert rows(spec, front)[0]["x"] == spec["layer"][0]["encoding"]["x"]["scale"]["domain"][0]


def test_narrow_plot_stacks_its_legend_and_keeps_only_labels_that_fit() -> None:
    spec = scatter_spec(published_frame(), x=LATENCY, y=TOP1, title="t", subtitle="s", width=300, height=380)

    assert spec["config"]["legend"]["columns"] == 2
    assert len(rows(spec, layers(spec, "text")[1])) < 33


def test_hidden_models_keep_the_axes_and_are_not_drawn() -> None:
    frame = published_frame()
    shown = frame["family"] == "ShuffleNetV2"

    whole, part = (
        scatter_spec(each, x=LATENCY, y=TOP1, title="t", subtitle="s") for each in (frame, frame.assign(is_shown=shown))
    )

    assert {row["family_title"] for row in part["datasets"]["points"]} == {"ShuffleNetV2"}
    assert part["usermeta"]["axes"] == whole["usermeta"]["axes"]
    assert part["usermeta"]["models"] == frame.loc[shown, "model"].tolist()
    assert part["layer"][0]["encoding"]["color"] == whole["layer"][0]["encoding"]["color"]


def test_zoom_draws_what_is_inside_and_labels_only_what_is_picked_out() -> None:
    spec = scatter_spec(
        published_frame(),
        x=LATENCY,
        y=TOP1,
        title="t",
        subtitle="s",
        domains=((5.0, 15.0), (0.65, 0.75)),
        marked=["MobileNetV3_small_x1_0_ssld"],
    )

    drawn = spec["datasets"]["points"]
    assert drawn
    assert all(5 <= row["x"] <= 15 and 0.65 <= row["y"] <= 0.75 for row in drawn)
    assert [row["text"] for row in spec["datasets"]["labels"]] == ["V3-S ×1.0 SSLD"]
    assert [row["model"] for row in spec["datasets"]["marked"]] == ["MobileNetV3_small_x1_0_ssld"]
    assert all(layer["mark"]["clip"] for layer in layers(spec, "line"))


def test_third_column_is_the_area_of_the_marks_and_a_missing_one_is_the_smallest() -> None:
    frame = published_frame()
    sizes = [float("nan"), 10.0, 40.0, *[20.0] * (len(frame) - 3)]
    storage = Axis(title="Storage", unit="MiB", direction="min")

    spec = scatter_spec(
        frame.assign(size=sizes, size_text="n MiB"), x=LATENCY, y=TOP1, title="t", subtitle="s", size=storage
    )

    areas = {row["model"]: row["area_px"] for row in spec["datasets"]["points"]}
    missing, small, large = (areas[model] for model in frame["model"][:3])
    assert missing < small < large
    assert large == 4 * small
    assert "area of the marks: Storage" in spec["title"]["subtitle"][-1]


def test_of_very_many_models_only_the_front_is_labelled() -> None:
    frame = published_frame()
    many = pd.concat([frame, *(frame.assign(model=f"m{n}-" + frame["model"], y=frame["y"] / 2) for n in range(4))])

    spec = scatter_spec(many, x=LATENCY, y=TOP1, title="t", subtitle="s")

    assert {row["model"] for row in spec["datasets"]["labels"]} <= {*FRONT, ""}


def test_title_that_is_wider_than_the_plot_is_broken_into_lines() -> None:
    title = "Top-1 against latency on Snapdragon 855, batch 1"

    wide, narrow = (
        scatter_spec(published_frame(), x=LATENCY, y=TOP1, title=title, subtitle="s", width=width)
        for width in (860, 330)
    )

    assert wide["title"]["text"] == [title]
    assert narrow["title"]["text"] == ["Top-1 against latency on", "Snapdragon 855, batch 1"]
    assert f">{title}</title>" in render_svg(narrow)
