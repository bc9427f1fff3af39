from __future__ import annotations

import json
from pathlib import Path

import pytest

from runners.zoo import catalogue, complexity, stages
from runners.zoo.folding import fold_batch_norms

FIXTURE = Path(__file__).parents[3] / "fixtures" / "architectures.json"


def test_fixture_is_current() -> None:
    assert FIXTURE.read_text() == stages.dumps(), "Run `python -m runners.zoo.stages fixtures/architectures.json`."


def test_stages_of_every_architecture_add_up_to_what_is_counted() -> None:
    for row in json.loads(FIXTURE.read_text()):
        outline = catalogue.outline(row["architecture"])
        counted = complexity.count(outline, divides_groups_twice=_divides_twice(row["architecture"]))

        assert sum(stage["macs"] for stage in row["stages"]) == counted.macs
        assert sum(stage["params"] for stage in row["stages"]) == counted.params
        assert (row["flops_paddle"], row["params_paddle"]) == (counted.flops_paddle, counted.params_paddle)


def _divides_twice(architecture: str) -> bool:
    return catalogue.ARCHITECTURES[architecture].divides_groups_twice


def test_stages_go_from_the_largest_maps_to_the_head() -> None:
    found = stages.stages(catalogue.outline("MobileNetV1"))

    assert [stage.name for stage in found] == ["112 × 112", "56 × 56", "28 × 28", "14 × 14", "7 × 7", "head"]
    assert [stage.layers for stage in found] == [3, 4, 4, 12, 4, 1]
    assert found[-1].params == 1024 * 1000 + 1000


def test_squeeze_and_excitation_belongs_to_the_size_around_it() -> None:
    found = {stage.name: stage for stage in stages.stages(catalogue.outline("MobileNetV3_small_x1_0"))}

    # The last convolution and the classifier; the two layers of each of nine excitations are elsewhere.
    assert found["head"].layers == 2
    assert found["56 × 56"].layers == 2 + 2 + 1


@pytest.mark.parametrize("name", ["MobileNetV3_small_x0_35"])
def test_folded_batch_norms_still_count(name: str) -> None:
    model = catalogue.build(name)

    assert stages.stages(fold_batch_norms(model)) == stages.stages(model)
