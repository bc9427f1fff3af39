from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from apps.compare.order_plot import MAX_POINTS, order_plot_spec


def samples(processes: int, repeats: int) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "process": number,
                "position": np.arange(repeats),
                "wall_ms": 10.0 + number + np.arange(repeats),
                "is_outlier": False,
            }
        )
        for number in range(processes)
    ]
    return pd.concat(parts, ignore_index=True)


def layers(spec: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The rows of dots, of triangles where there are some, and of medians."""
    return [spec["datasets"][layer["data"]["name"]] for layer in spec["hconcat"][0]["layer"]]


def test_samples_stand_in_order_and_each_process_has_its_median() -> None:
    shuffled = samples(3, 5).sample(frac=1, random_state=7)

    spec = order_plot_spec(shuffled, title="Every sample")

    dots, medians = layers(spec)
    assert [dot["order"] for dot in dots] == list(range(1, 16))
    assert [dot["process"] for dot in dots] == [0] * 5 + [1] * 5 + [2] * 5
    assert [(line["first"], line["last"], line["median_ms"]) for line in medians] == [
        (1, 5, 12.0),
        (6, 10, 13.0),
        (11, 15, 14.0),
    ]


@pytest.mark.parametrize(("repeats", "step"), [(MAX_POINTS, 1), (MAX_POINTS + 1, 2), (10 * MAX_POINTS, 10)])
def test_many_samples_are_thinned_and_the_subtitle_says_so(repeats: int, step: int) -> None:
    spec = order_plot_spec(samples(1, repeats), title="Every sample")

    dots, _ = layers(spec)
    assert len(dots) == -(-repeats // step) <= MAX_POINTS
    assert (f"Drawn: one dot in {step} samples." in spec["title"]["subtitle"]) == (step > 1)


def test_histogram_counts_every_sample_over_the_same_axis() -> None:
    spec = order_plot_spec(samples(2, 3 * MAX_POINTS), title="Every sample")

    bins = spec["datasets"][spec["hconcat"][1]["data"]["name"]]
    assert sum(each["samples"] for each in bins) == 6 * MAX_POINTS
    assert (bins[0]["low"], bins[-1]["high"]) == (10.0, 10.0 + 3 * MAX_POINTS)
    assert spec["resolve"]["scale"]["y"] == "shared"


def test_outliers_are_triangles_however_many_samples_are_left_out() -> None:
    frame = samples(1, 2 * MAX_POINTS)
    frame.loc[[1, 3], "is_outlier"] = True

    spec = order_plot_spec(frame, title="Every sample")

    dots, triangles, _ = layers(spec)
    assert [mark["order"] for mark in triangles] == [2, 4]
    assert {2, 4}.isdisjoint(dot["order"] for dot in dots)
    assert any("2 far slower than the others" in line for line in spec["title"]["subtitle"])


def test_flags_of_the_value_are_named() -> None:
    spec = order_plot_spec(samples(1, 5), title="Every sample", flags=["drift", "busy-host"])

    assert "Flagged: drift, busy-host." in spec["title"]["subtitle"]
