"""The 32 published models as a chart frame: top-1 accuracy against the latency on a Snapdragon 855.

Source: PaddleClas, "Mobile and Embedded Vision Applications Network series", tables 2.4.2 and 2.4.3.
"""

from __future__ import annotations

import re

import pandas as pd

from apps.compare.axis import Axis

LATENCY = Axis(title="Latency on Snapdragon 855", unit="ms", direction="min", scale="log")
TOP1 = Axis(title="Top-1 accuracy", unit="fraction", direction="max")

ROWS = """
MobileNetV1_x0_25 0.514 3.220
MobileNetV1_x0_5 0.635 9.580
MobileNetV1_x0_75 0.688 19.436
MobileNetV1 0.710 32.523
MobileNetV1_ssld 0.779 32.523
MobileNetV2_x0_25 0.532 3.799
MobileNetV2_x0_5 0.650 8.702
MobileNetV2_x0_75 0.698 15.531
MobileNetV2 0.722 23.318
MobileNetV2_x1_5 0.741 45.624
MobileNetV2_x2_0 0.752 74.292
MobileNetV2_ssld 0.7674 23.318
MobileNetV3_large_x1_25 0.764 28.218
MobileNetV3_large_x1_0 0.753 19.308
MobileNetV3_large_x0_75 0.731 13.565
MobileNetV3_large_x0_5 0.692 7.493
MobileNetV3_large_x0_35 0.643 5.137
MobileNetV3_small_x1_25 0.707 9.275
MobileNetV3_small_x1_0 0.682 6.546
MobileNetV3_small_x0_75 0.660 5.284
MobileNetV3_small_x0_5 0.592 3.352
MobileNetV3_small_x0_35 0.530 2.635
MobileNetV3_large_x1_0_ssld 0.790 19.308
MobileNetV3_large_x1_0_ssld_int8 0.761 14.395
MobileNetV3_small_x1_0_ssld 0.713 6.546
ShuffleNetV2 0.688 10.941
ShuffleNetV2_x0_25 0.499 2.329
ShuffleNetV2_x0_33 0.537 2.643
ShuffleNetV2_x0_5 0.603 4.261
ShuffleNetV2_x1_5 0.716 19.352
ShuffleNetV2_x2_0 0.732 34.770
ShuffleNetV2_swish 0.700 16.023
"""

FRONT = {
    "ShuffleNetV2_x0_25",
    "MobileNetV3_small_x0_35",
    "ShuffleNetV2_x0_33",
    "MobileNetV3_small_x0_5",
    "ShuffleNetV2_x0_5",
    "MobileNetV3_large_x0_35",
    "MobileNetV3_small_x0_75",
    "MobileNetV3_small_x1_0_ssld",
    "MobileNetV3_large_x0_75",
    "MobileNetV3_large_x1_0_ssld_int8",
    "MobileNetV3_large_x1_0_ssld",
}
"""Found by eye in the two tables, not by the code under test."""

SHORT = {
    "MobileNetV1": "V1",
    "MobileNetV2": "V2",
    "MobileNetV3_large": "V3-L",
    "MobileNetV3_small": "V3-S",
    "ShuffleNetV2": "Shuffle",
}


def published_frame() -> pd.DataFrame:
    return pd.DataFrame([_row(*line.split()) for line in ROWS.split("\n") if line])


def _row(model: str, top1: str, latency_ms: str) -> dict[str, object]:
    family = next(name for name in SHORT if model.startswith(name))
    width = re.search(r"_x(\d)_(\d+)", model)
    short = f"{SHORT[family]} ×{width[1]}.{width[2]}" if width else f"{SHORT[family]} ×1.0"
    for mark in ("ssld", "int8", "swish"):
        short += f" {mark.upper() if mark == 'ssld' else mark}" if mark in model else ""
    return {
        "model": model,
        "short": short,
        "family": family,
        "family_title": family.replace("_", " "),
        "recipe": "ssld" if "ssld" in model else "plain",
        "precision": "int8" if "int8" in model else "fp32",
        "width_multiplier": float(f"{width[1]}.{width[2]}") if width else 1.0,
        "x": float(latency_ms),
        "y": float(top1),
        "x_printed": latency_ms,
        "y_printed": top1,
        "x_origin": "published",
        "y_origin": "published",
    }
