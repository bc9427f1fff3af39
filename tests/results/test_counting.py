"""Counts that agree with the site's own although they are not equal, and those that do not."""

from dataclasses import asdict

import pytest

from apps.catalog.models import Architecture, Artifact
from apps.results.counting import SiteCounts, count_problems, site_counts
from runners.zoo import catalogue as zoo
from runners.zoo import complexity
from runners.zoo.folding import fold_batch_norms
from tests.factories import MODEL, complexity_record

SIZE = {1_923_020}


def _architecture(**changes: object) -> Architecture:
    stages = [{"name": "head", "layers": 1, "macs": 41_030_272, "params": 470_072}]
    known = {"name": MODEL, "stages": stages, "flops_paddle": 77_283_412, "params_paddle": 458_030}
    return Architecture(**known | changes)


BUILT_HERE = Artifact(recipe={"architecture": MODEL})
FOREIGN = [None, Artifact(is_uploaded=True), Artifact(network_id=1)]


def _problems(artifact: Artifact | None, architecture: Architecture | None = None, **counts: int) -> list[str]:
    return count_problems(
        complexity_record(**counts),
        architecture=architecture or _architecture(),
        artifact=artifact,
        sizes_bytes=SIZE,
    )


def test_counts_of_the_site_are_taken() -> None:
    assert _problems(BUILT_HERE) == []


@pytest.mark.parametrize("artifact", FOREIGN)
def test_foreign_file_may_hide_batch_norms_from_the_published_counter(artifact: Artifact | None) -> None:
    assert _problems(artifact, flops_paddle=72_000_000) == []
    assert _problems(artifact, flops_paddle=70_000_000)
    assert _problems(artifact, flops_paddle=2 * 77_283_412)


def test_file_that_the_site_built_hides_none() -> None:
    assert _problems(BUILT_HERE, flops_paddle=72_000_000)


def test_network_without_a_row_in_the_document_is_held_against_macs_and_parameters_alone() -> None:
    unknown = _architecture(flops_paddle=None, params_paddle=None)

    assert site_counts(unknown) == SiteCounts(470_072, 41_030_272, None, None)
    assert _problems(None, unknown, flops_paddle=1, params_paddle=1) == []
    assert len(_problems(None, unknown, macs=1, params=1)) == 2


def test_catalogues_network_with_most_batch_norms_is_taken_with_all_of_them_hidden() -> None:
    name = "MobileNetV2_x0_25"
    model = zoo.outline(name)
    whole = complexity.count(model, divides_groups_twice=True)
    hidden = fold_batch_norms(zoo.build(name))
    for number, node in enumerate(hidden.graph.node):
        node.name = f"exported-{number}"

    counted = asdict(complexity.count(hidden, divides_groups_twice=True))

    assert counted["flops_paddle"] < 0.94 * whole.flops_paddle
    stages = [{"name": "head", "layers": 1, "macs": whole.macs, "params": whole.params}]
    known = _architecture(stages=stages, flops_paddle=whole.flops_paddle, params_paddle=whole.params_paddle)
    assert _problems(None, known, **counted) == []
