"""Decoding in threads beside the inference: images come out in their order, and only a few are ever in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from runners.accuracy.datasets import LabelledImages
from runners.accuracy.decoding import LONGEST_REASON, UnreadableImageError, decoded
from runners.accuracy.preparation import Float32, prepared
from runners.wire import InputPreparation, UnreadableImage


def prepared_images(
    images: LabelledImages, how: InputPreparation, *, first: int, threads: int, ahead: int
) -> Iterator[Float32 | UnreadableImage]:
    """Every image from `first` on, ready for the network, or why it is not; `ahead` of them are made beforehand.

    Shapes: each as `runners.accuracy.preparation.image_shape` says.
    """
    waiting: deque[Future[Float32 | UnreadableImage]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="decoder")
    try:
        for index in range(first, len(images.names)):
            waiting.append(pool.submit(_one, images, how, index))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _one(images: LabelledImages, how: InputPreparation, index: int) -> Float32 | UnreadableImage:
    try:
        return prepared(decoded(images.read(index)), how)
    except OSError as error:
        reason = error.strerror or str(error)
    except UnreadableImageError as error:
        reason = str(error)
    return UnreadableImage(name=images.names[index], reason=reason[:LONGEST_REASON])
