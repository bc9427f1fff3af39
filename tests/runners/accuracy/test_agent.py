"""Accuracy through the agent: what it offers a site over real HTTP, and the run that comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from runners import wire
from runners.accuracy.registry import DatasetRegistry
from runners.agent import Agent
from runners.attempt import Workbench
from tests.runners.accuracy import photographs
from tests.runners.site_double import SiteDouble, make_artifact, make_order


def with_dataset(bench: Workbench, folder: Path) -> tuple[Workbench, wire.Dataset]:
    registry = DatasetRegistry(folder / "datasets.json")
    offer = registry.add(photographs.source(photographs.write(folder / "images")))
    return replace(bench, datasets=registry), offer


def accuracy_order(offer: wire.Dataset) -> wire.RunOrder:
    artifact = make_artifact().model_copy(update={"weights": "trained by a test", "input": photographs.PREPARATION})
    order = make_order(artifact=artifact)
    protocol = order.protocol.model_copy(update={"kind": wire.ProtocolKind.ACCURACY, "batch_size": 5})
    return order.model_copy(update={"protocol": protocol, "dataset": offer})


def test_offered_dataset_is_evaluated_and_the_record_uploaded(
    site: SiteDouble, bench: Workbench, tmp_path: Path
) -> None:
    bench, offer = with_dataset(bench, tmp_path)
    site.offer(accuracy_order(offer))

    assert Agent(bench).serve_once()

    [lease], [call] = site.calls("lease"), site.calls("result")
    result = wire.ResultRequest.model_validate(call.json())
    assert offer.model_dump() in lease.json()["datasets"]
    assert isinstance(result.record, wire.AccuracyRecord)
    assert result.record.dataset == offer
    assert len(result.record.ranks) == 12


def test_order_for_a_dataset_that_was_removed_meanwhile_fails_with_what_to_do(
    site: SiteDouble, bench: Workbench, tmp_path: Path
) -> None:
    bench, offer = with_dataset(bench, tmp_path)
    site.offer(accuracy_order(offer.model_copy(update={"name": "removed"})))

    assert Agent(bench).serve_once()

    [call] = site.calls("fail")
    assert "dataset add" in call.json()["reason"]
    assert call.json()["kind"] == "user"
