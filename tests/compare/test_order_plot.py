from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from apps.compare.order_plot import MAX_POINTS, order_plot_spec


def samples(processes: int, repeats: int) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"process": number, "position": np.arange(repeats), "wall_ms": 10.0 + number + np.arange(repeats)})
        for number in range(processes)
    ]
    return pd.concat(parts, ignore_index=True)


def test_samples_stand_in_order_and_each_process_has_its_median() -> None:
    shuffled = samples(3, 5).sample(frac=1, random_state=7)

    spec = order_plot_spec(shuffled, title="Every sample")

    dots, medians = (spec["datasets"][layer["data"]["name"]] for layer in spec["layer"])
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

    dots = spec["datasets"][spec["layer"][0]["data"]["name"]]
    assert len(dots) == -(-repeats // step) <= MAX_POINTS
    assert (f"one dot in {step} samples" in spec["title"]["subtitle"]) == (step > 1)
