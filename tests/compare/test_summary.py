from __future__ import annotations

import pandas as pd

from apps.compare.axis import Axis
from apps.compare.summary import chart_summary
from tests.compare.published import LATENCY, TOP1, published_frame


def test_summary_counts_the_front_and_names_the_best_within_a_round_budget() -> None:
    assert chart_summary(published_frame(), x=LATENCY, y=TOP1) == (
        "11 of 32 models are on the front; under 10 ms the best is MobileNetV3_small_x1_0_ssld with 71.3 %."
    )


def test_summary_takes_a_given_budget() -> None:
    plain = published_frame().query("recipe == 'plain'")

    summary = chart_summary(plain, x=LATENCY, y=TOP1, budget=5)

    assert summary.endswith("under 5 ms the best is ShuffleNetV2_x0_5 with 60.3 %.")


def test_summary_says_when_nothing_is_within_the_budget() -> None:
    assert chart_summary(published_frame(), x=LATENCY, y=TOP1, budget=1).endswith("none is under 1 ms.")


def test_summary_leaves_out_models_without_both_values() -> None:
    frame = published_frame()
    frame.loc[frame["model"] != "MobileNetV1", "x"] = float("nan")

    assert chart_summary(frame, x=LATENCY, y=TOP1).startswith("1 of 1 models")
    assert chart_summary(frame.iloc[:0], x=LATENCY, y=TOP1) == "No model has both values yet."


def test_summary_turns_round_where_more_is_better() -> None:
    throughput = Axis(title="Images per second", unit="1/s", direction="max", scale="log")
    frame = pd.DataFrame({"model": ["slow", "fast"], "x": [10.0, 100.0], "y": [0.8, 0.7]})

    summary = chart_summary(frame, x=throughput, y=TOP1, budget=50)

    assert summary == "2 of 2 models are on the front; above 50 1/s the best is fast with 70.0 %."
