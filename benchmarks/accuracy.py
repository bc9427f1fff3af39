"""What does an accuracy run cost beyond its work? `python -m benchmarks.accuracy`

Photograph-like JPEG files of 500 x 375 go through the agent's evaluation, which decodes beside the inference. Each
round times, in random order, the whole evaluation, decoding and preparing the same images alone with the decoder
threads of the run, and executing as many prepared ones alone with its inference threads. A round's ratio is images per
second of the whole to those of the slower part; the figure is the median with its distribution-free interval.

Then whole attempts in their child process, on few and on many images: the peak memory must not grow with their number.

Exits 1 unless the median ratio is at least 0.9 and the peak grows by less than a tenth.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.harness import interval
from runners import wire
from runners.accuracy.datasets import LabelledImages, open_images
from runners.accuracy.evaluate import decoder_threads, evaluate
from runners.accuracy.journal import Header, Journal
from runners.accuracy.pipeline import prepared_images
from runners.accuracy.preparation import Float32
from runners.engines import get_engine
from runners.engines.base import Session
from runners.execute import execute
from runners.orders import DatasetSource
from runners.zoo import catalogue
from tests.runners.engines import networks

ROUNDS = 10
IMAGES = 384
"""Of a round: a multiple of the batch, so that no inference is filled up."""
BATCH = 8
SHAPE = (BATCH, 3, 224, 224)
SIZE = (500, 375)
DIFFERENT = 100
"""Photographs; a decoder knows nothing of the file before."""
CLASSES = 1_000
ARCHITECTURES = ("MobileNetV3_small_x0_35", "MobileNetV1_x0_25")
FEW, MANY = 200, 2_000
LEAST_RATIO, MOST_GROWTH = 0.9, 1.1
PREPARATION = wire.InputPreparation(
    method="short-side-crop",
    height=224,
    width=224,
    short_side=256,
    mean=[0.485, 0.456, 0.406],
    std=[0.229, 0.224, 0.225],
)


def photograph(seed: int) -> Image.Image:
    """Smooth light, edges and grain: a decoder has about as much to do as with a photograph."""
    state = np.random.RandomState(seed)
    light = Image.fromarray(state.randint(0, 256, (6, 8, 3), dtype=np.uint8)).resize(SIZE, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(light)
    for _ in range(25):
        left, top, width, height = (int(value) for value in state.randint(0, 300, size=4))
        colour = tuple(int(value) for value in state.randint(0, 256, size=3))
        draw.ellipse((left, top, left + width, top + height), outline=colour, width=3)
    grainy = np.asarray(light, np.float64) + state.normal(0, 6, size=(SIZE[1], SIZE[0], 3))
    return Image.fromarray(np.clip(grainy, 0, 255).astype(np.uint8))


def written(folder: Path, count: int) -> DatasetSource:
    """`count` files and a list of their classes; after the first hundred the same photographs under other names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{number:05}.jpg" for number in range(count)]
    for number, name in enumerate(names[:DIFFERENT]):
        photograph(number).save(folder / name, quality=90)
    for number, name in enumerate(names[DIFFERENT:], DIFFERENT):
        (folder / name).hardlink_to(folder / names[number % DIFFERENT])
    labels = folder / "labels.txt"
    labels.write_text("".join(f"{name} {number % CLASSES}\n" for number, name in enumerate(names)))
    return DatasetSource(name=folder.name, task="benchmark", classes=CLASSES, folder=folder, list_file=labels)


def order(engine: str, architecture: str, images: LabelledImages, folder: Path) -> wire.RunOrder:
    """The zoo's network under an invented origin: its answers mean nothing, its work is that of a trained one."""
    folder.mkdir()
    artifact = networks.artifact(folder, catalogue.serialize(catalogue.build(architecture)))
    artifact = artifact.model_copy(update={"weights": "none, for a benchmark", "input": PREPARATION})
    made = networks.order(artifact, engine=engine, kind=wire.ProtocolKind.ACCURACY, batch_size=BATCH)
    return made.model_copy(update={"dataset": images.offer()})


def whole(images: LabelledImages, session: Session, folder: Path, threads: int) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        header = Header(evaluation_sha256="", dataset_sha256="", engine_release="")
        journal = Journal(Path(scratch, "journal"), header)
        evaluate(images, session, PREPARATION, journal=journal, shape=SHAPE, decoder_threads=threads)
        journal.close()


def decoding(images: LabelledImages, threads: int) -> None:
    for _ in prepared_images(images, PREPARATION, first=0, threads=threads, ahead=BATCH + threads):
        pass


def inference(session: Session, x: Float32) -> None:
    for _ in range(IMAGES // BATCH):
        session.run(x)


def images_per_s(work: Callable[[], None]) -> float:
    started = perf_counter()
    work()
    return IMAGES / (perf_counter() - started)


def is_fast(architecture: str, images: LabelledImages, folder: Path, threads: int) -> bool:
    """Measure one network with so many decoder threads and say what came out."""
    made = order("onnxruntime", architecture, images, folder)
    session = get_engine(made.engine).load(folder, made.artifact, threads=1, input_shape=SHAPE)
    parts: list[tuple[str, Callable[[], None]]] = [
        ("whole", partial(whole, images, session, folder, threads)),
        ("decoding", partial(decoding, images, threads)),
        ("inference", partial(inference, session, session.input(SHAPE, seed=0))),
    ]
    rounds = [{name: images_per_s(part) for name, part in random.sample(parts, k=3)} for _ in range(1 + ROUNDS)][1:]
    middle, low, high = interval([each["whole"] / min(each["decoding"], each["inference"]) for each in rounds])
    speeds = ", ".join(f"{name} {np.median([each[name] for each in rounds]):.0f}" for name, _ in parts)
    is_accepted = middle >= LEAST_RATIO
    print(
        f"{architecture}, {threads} decoder threads: whole / slower part = {middle:.3f} [{low:.3f}, {high:.3f}], "
        f"images/s: {speeds}: {_verdict(is_accepted)}",
        flush=True,
    )
    return is_accepted


def peak_bytes(source: DatasetSource, folder: Path) -> int:
    """Peak memory of the child process of one attempt."""
    made = order("onnxruntime", ARCHITECTURES[0], open_images(source), folder)
    execution = execute(
        made,
        artifact_dir=folder,
        work_dir=folder / "work",
        on_progress=lambda progress: None,
        should_stop=threading.Event(),
        images=source,
    )
    return int(execution.environment["peak_memory_bytes"])


def is_flat(folder: Path) -> bool:
    few, many = (
        peak_bytes(written(folder / f"images-{count}", count), folder / f"attempt-{count}") for count in (FEW, MANY)
    )
    is_accepted = many < MOST_GROWTH * few
    print(
        f"peak memory of the child: {few / 2**20:.0f} MiB for {FEW} images, {many / 2**20:.0f} MiB for {MANY}, "
        f"ratio {many / few:.3f}, wanted below {MOST_GROWTH}: {_verdict(is_accepted)}"
    )
    return is_accepted


def _verdict(is_accepted: bool) -> str:
    return "accepted" if is_accepted else "NOT accepted"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="zooboard-bench-") as scratch:
        folder = Path(scratch)
        images = open_images(written(folder / "images", IMAGES))
        accepted = [
            is_fast(each, images, folder / each, decoder_threads(inference_threads=1)) for each in ARCHITECTURES
        ]
        accepted.append(is_flat(folder))
    return 0 if all(accepted) else 1


if __name__ == "__main__":
    sys.exit(main())
