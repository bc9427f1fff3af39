from __future__ import annotations

import json
from pathlib import Path

import pytest

from runners.zoo import catalogue, models

FIXTURE = Path(__file__).parents[3] / "fixtures" / "networks.json"


def test_models_are_the_32_rows_of_the_published_tables() -> None:
    published = {row["name"] for row in json.loads(FIXTURE.read_text())}

    assert set(models.MODELS) == published
    assert len(models.MODELS) == 32


def test_siblings_share_the_graph_of_their_architecture() -> None:
    model = models.find("MobileNetV3_large_x1_0_ssld_int8")

    assert (model.architecture, model.is_int8) == ("MobileNetV3_large_x1_0", True)


def test_unknown_model_names_the_close_ones() -> None:
    with pytest.raises(catalogue.UnknownArchitectureError, match="MobileNetV3_large_x1_0"):
        models.find("MobileNetV3_large_x1")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("MobileNetV1", "legendary_models/MobileNetV1_pretrained.pdparams"),
        ("MobileNetV3_small_x1_0_ssld", "legendary_models/MobileNetV3_small_x1_0_ssld_pretrained.pdparams"),
        ("MobileNetV2_ssld", "MobileNetV2_ssld_pretrained.pdparams"),
        ("ShuffleNetV2", "ShuffleNetV2_x1_0_pretrained.pdparams"),
        ("ShuffleNetV2_swish", "ShuffleNetV2_swish_pretrained.pdparams"),
        ("MobileNetV3_large_x1_0_ssld_int8", None),
    ],
)
def test_weights_are_where_paddleclas_publishes_them(name: str, path: str | None) -> None:
    assert models.find(name).weights_path == path


def test_only_the_int8_row_has_no_published_weights() -> None:
    without = [model.name for model in models.MODELS.values() if model.weights_path is None]

    assert without == [models.INT8]
