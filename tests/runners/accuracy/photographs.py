"""Small labelled images on disk, a network that knows their class, and the orders that go with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from runners.accuracy.datasets import open_images
from runners.orders import DatasetSource
from runners.wire import Artifact, InputPreparation, ProtocolKind, RunOrder
from tests.runners.engines import networks

PREPARATION = InputPreparation(method="stretch", height=8, width=8, mean=[0.5] * 3, std=[0.5] * 3)
TASK = "colours"


def write(folder: Path, *, images: int = 12, classes: int = networks.CLASSES, unreadable: tuple[int, ...] = ()) -> Path:
    """`images` PNG files over class folders `0`, `1`, ...; those with the numbers in `unreadable` are broken."""
    random = np.random.RandomState(5)
    for number in range(images):
        path = folder / str(number % classes) / f"{number:05}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        if number in unreadable:
            path.write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
        else:
            Image.fromarray(random.randint(0, 256, (16, 20, 3), dtype=np.uint8)).save(path)
    return folder


def source(folder: Path, *, classes: int = networks.CLASSES) -> DatasetSource:
    return DatasetSource(name="colours", task=TASK, classes=classes, folder=folder)


def trained(folder: Path, content: bytes | None = None, *, how: InputPreparation | None = PREPARATION) -> Artifact:
    artifact = networks.artifact(folder, networks.network() if content is None else content)
    return artifact.model_copy(update={"weights": "trained by a test", "input": how})


def order(artifact: Artifact, images: DatasetSource, *, engine: str = "onnxruntime", batch_size: int = 5) -> RunOrder:
    made = networks.order(artifact, engine=engine, kind=ProtocolKind.ACCURACY, batch_size=batch_size)
    return made.model_copy(update={"dataset": open_images(images).offer()})
