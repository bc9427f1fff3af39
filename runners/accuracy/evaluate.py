"""The accuracy of one network on one dataset, in a child process: every image once, whatever interrupts it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import PIL
from PIL import features

from runners import confine, host_state
from runners.accuracy.datasets import LabelledImages, open_images
from runners.accuracy.journal import Batch, Header, Journal, JournalInUse
from runners.accuracy.labels import DatasetError
from runners.accuracy.pipeline import prepared_images
from runners.accuracy.preparation import Float32, image_shape
from runners.accuracy.ranking import of_classes, ranked
from runners.engines import get_engine
from runners.engines.base import EngineError, FloatArray, Session
from runners.orders import ChildOrder, EvaluatedImages, evaluation_sha256, order_sha256
from runners.wire import AccuracyRecord, Dataset, Facts, FailureKind, InputPreparation, UnreadableImage

UNREADABLE = -1


def evaluate_images(child_order: ChildOrder) -> EvaluatedImages:
    """The network on every image of the order's dataset, going on after what the journal knows.

    Raises: `EngineUnavailable`, `EngineError`; also for images that are not those of the order.
    """
    order, how = child_order.order, child_order.order.artifact.input
    if how is None or child_order.images is None or child_order.journal_path is None:
        raise EngineError(FailureKind.USER, "An accuracy needs an input preparation, images and a journal.")
    images, dataset = _ordered_images(child_order)
    engine, shape = get_engine(order.engine), (order.protocol.batch_size, *image_shape(how))
    threads = order.protocol.threads
    session = engine.load(child_order.artifact_dir, order.artifact, threads=threads, input_shape=shape)
    header = Header(
        evaluation_sha256=evaluation_sha256(order), dataset_sha256=dataset.sha256, engine_release=engine.release()
    )
    journal = _opened(child_order.journal_path, header)
    resumed_at, started_s = _images_in(journal), time.perf_counter()
    decoders = decoder_threads(threads)
    evaluate(
        images,
        session,
        how,
        journal=journal,
        shape=shape,
        decoder_threads=decoders,
        is_simulated=engine.is_simulated,
    )
    _check_some_readable(journal)
    facts = _facts(how, resumed_at, len(images.names), time.perf_counter() - started_s)
    journal.close()
    session.close()
    return EvaluatedImages(
        order_sha256=order_sha256(order),
        engine_release=header.engine_release,
        record=_record(images, dataset, journal.batches),
        facts=facts
        | {
            "dataset_sha256": dataset.sha256,
            "engine": session.facts,
            "threads": threads,
            "decoder_threads": decoders,
        },
    )


def evaluate(
    images: LabelledImages,
    session: Session,
    how: InputPreparation,
    *,
    journal: Journal,
    shape: tuple[int, ...],
    decoder_threads: int,
    is_simulated: bool = False,
) -> None:
    """Bring the journal to the end of the images, batch by batch, the next one decoded meanwhile.

    Shapes: `shape` of every inference, batch first; the last one is filled up with zeros, whose outputs are dropped.
    Raises: `EngineError`.
    """
    choose = partial(of_classes, classes=images.classes, label_offset=how.label_offset, is_simulated=is_simulated)
    batch = np.zeros(shape, session.input(shape, 0).dtype)
    first = _images_in(journal)
    ahead = len(batch) + decoder_threads
    stream = prepared_images(images, how, first=first, threads=decoder_threads, ahead=ahead)
    while rows := list(islice(stream, len(batch))):
        labels = images.labels[first : first + len(rows)]
        journal.append(_batch(session, batch, rows, labels, choose))
        first += len(rows)


def _batch(
    session: Session,
    batch: FloatArray,
    rows: Sequence[Float32 | UnreadableImage],
    labels: Sequence[int],
    choose: Callable[[FloatArray], FloatArray],
) -> Batch:
    """One inference; `choose` picks the outputs that stand for classes."""
    readable = []
    predicted, ranks = [UNREADABLE] * len(rows), [UNREADABLE] * len(rows)
    batch[:] = 0
    for row, image in enumerate(rows):
        if not isinstance(image, UnreadableImage):
            batch[row] = image
            readable.append(row)
    if readable:
        logits = choose(session.run(batch)[readable])
        found = zip(readable, *ranked(logits, np.asarray(labels)[readable]), strict=True)
        for row, its_class, rank in found:
            predicted[row], ranks[row] = its_class, rank
    unreadable = [image for image in rows if isinstance(image, UnreadableImage)]
    return Batch(predicted=predicted, ranks=ranks, unreadable=unreadable)


def decoder_threads(inference_threads: int) -> int:
    """One for each CPU that the inference leaves, so that neither waits for the other's CPU."""
    cpus = len(confine.allowed_cpus() or []) or os.cpu_count() or 1
    return max(1, cpus - inference_threads)


def _opened(path: Path, header: Header) -> Journal:
    """Raises: `EngineError` when another process writes it, OSError."""
    try:
        return Journal(path, header)
    except JournalInUse as error:
        raise EngineError(FailureKind.INFRASTRUCTURE, str(error)) from error


def _ordered_images(child_order: ChildOrder) -> tuple[LabelledImages, Dataset]:
    """Raises: `EngineError` of the user."""
    ordered, source = child_order.order.dataset, child_order.images
    if ordered is None or source is None:
        raise EngineError(FailureKind.USER, "An accuracy needs a dataset.")
    try:
        images = open_images(source)
    except DatasetError as error:
        raise EngineError(FailureKind.USER, str(error)) from error
    found = images.offer()
    if (found.sha256, found.task, found.classes) != (ordered.sha256, ordered.task, ordered.classes):
        reason = (
            f"The images of {source.name} are not those of the order: their list has digest {found.sha256[:12]}, the "
            f"order's {ordered.sha256[:12]}. Restore them, or register them again."
        )
        raise EngineError(FailureKind.USER, reason)
    return images, ordered


def _check_some_readable(journal: Journal) -> None:
    """Nothing is kept of images none of which is readable: mended ones have the same names and the same digest.

    Raises: `EngineError` of the user.
    """
    if any(rank != UNREADABLE for batch in journal.batches for rank in batch.ranks):
        return
    unreadable = [image for batch in journal.batches for image in batch.unreadable]
    journal.forget()
    first = f" The first, {unreadable[0].name}: {unreadable[0].reason}." if unreadable else ""
    raise EngineError(
        FailureKind.USER, f"None of the {len(unreadable):,} images could be read, so there is no accuracy.{first}"
    )


def _images_in(journal: Journal) -> int:
    return sum(len(batch.ranks) for batch in journal.batches)


def _record(images: LabelledImages, dataset: Dataset, batches: Sequence[Batch]) -> AccuracyRecord:
    ranks = [rank for batch in batches for rank in batch.ranks]
    return AccuracyRecord(
        dataset=dataset,
        labels=list(images.labels),
        predicted=[predicted for batch in batches for predicted in batch.predicted],
        ranks=ranks,
        unreadable=[image for batch in batches for image in batch.unreadable],
        stated_top1=ranks.count(0),
        stated_top5=sum(0 <= rank < 5 for rank in ranks),
    )


def _facts(how: InputPreparation, resumed_at: int, images: int, duration_s: float) -> Facts:
    """How the images were read and how fast; of those that this process executed itself."""
    executed = images - resumed_at
    return {
        "preparation": how.model_dump(),
        "decoder": {
            "pillow": PIL.__version__,
            "libjpeg_turbo": features.version_feature("libjpeg_turbo"),
        },
        "resumed_at_image": resumed_at,
        "duration_s": round(duration_s, 3),
        "images_per_s": round(executed / duration_s, 2) if executed else None,
        "peak_memory_bytes": host_state.peak_memory_bytes(),
    }
