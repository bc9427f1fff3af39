"""The datasets that an agent has and offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners.accuracy.labels import DatasetError
from runners.accuracy.registry import DatasetRegistry
from tests.runners.accuracy import photographs


def registered(registry: DatasetRegistry) -> list[str]:
    return [each.offer.name for each in registry.registered()]


def test_registered_dataset_is_offered_with_its_digest_and_found_by_name(tmp_path: Path) -> None:
    source = photographs.source(photographs.write(tmp_path / "images"))
    offer = DatasetRegistry(tmp_path / "datasets.json").add(source)

    registry = DatasetRegistry(tmp_path / "datasets.json")

    assert registry.offered(print)[0] == offer
    assert (offer.images, offer.classes, offer.task) == (12, 4, photographs.TASK)
    assert registry.source("colours") == source
    assert registry.source("other") is None


def test_name_is_taken_once_and_free_again_after_removal(tmp_path: Path) -> None:
    registry = DatasetRegistry(tmp_path / "datasets.json")
    source = photographs.source(photographs.write(tmp_path / "images"))
    registry.add(source)

    with pytest.raises(DatasetError, match="a dataset colours already"):
        registry.add(source)
    registry.remove("colours")

    assert registered(registry) == []
    with pytest.raises(DatasetError, match="No dataset 'colours' is registered here"):
        registry.remove("colours")


def test_built_in_name_is_taken(tmp_path: Path) -> None:
    source = photographs.source(photographs.write(tmp_path / "images"))

    with pytest.raises(DatasetError, match="already"):
        DatasetRegistry(tmp_path / "datasets.json").add(source.model_copy(update={"name": "text-angle-300"}))


def test_dataset_whose_folder_is_gone_is_left_out_and_that_is_said_once(tmp_path: Path) -> None:
    registry = DatasetRegistry(tmp_path / "datasets.json")
    registry.add(photographs.source(photographs.write(tmp_path / "images")))
    (tmp_path / "images").rename(tmp_path / "elsewhere")
    said: list[str] = []

    offered = [registry.offered(said.append) for _ in range(2)]

    assert all("colours" not in [dataset.name for dataset in each] for each in offered)
    assert said == [f"Dataset colours is not offered: {tmp_path / 'images'} is gone."]


def test_register_that_is_broken_is_said_and_does_not_stop_the_agent(tmp_path: Path) -> None:
    path = tmp_path / "datasets.json"
    path.write_text("{")
    said: list[str] = []

    offered = DatasetRegistry(path).offered(said.append)

    assert "colours" not in [dataset.name for dataset in offered]
    assert len(said) == 1
    assert "cannot be read" in said[0]
