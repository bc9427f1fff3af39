"""`benchmarks.accuracy` times an evaluation that works."""

from pathlib import Path

import pytest

from benchmarks import accuracy
from runners.accuracy.datasets import open_images
from runners.engines import get_engine


def test_whole_evaluation_and_its_parts_go_through_on_the_images_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accuracy, "IMAGES", accuracy.BATCH)
    images = open_images(accuracy.written(tmp_path / "images", accuracy.BATCH))
    order = accuracy.order("onnxruntime", accuracy.ARCHITECTURES[0], images, tmp_path / "network")
    session = get_engine(order.engine).load(tmp_path / "network", order.artifact, threads=1, input_shape=accuracy.SHAPE)

    accuracy.whole(images, session, tmp_path, threads=1)
    accuracy.decoding(images, threads=1)
    accuracy.inference(session, session.input(accuracy.SHAPE, seed=0))

    assert len(images.names) == accuracy.BATCH
