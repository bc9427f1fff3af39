"""The parent's side of an accuracy: whether an order can give one, and how far its child has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runners.accuracy.journal import Follower
from runners.orders import DatasetSource
from runners.statistics.stated_weights import accuracy_refusal
from runners.supervise import AttemptFailed
from runners.wire import FailureKind, Progress, RunOrder


def accuracy_input(order: RunOrder, images: DatasetSource | None) -> tuple[DatasetSource, tuple[int, ...]]:
    """Where the images are, and the shape of one of them as the network takes it.

    Raises: `AttemptFailed` of the user for an order that can give no accuracy.
    """
    how = order.artifact.input
    if refusal := accuracy_refusal(order.artifact.weights_kind):
        reason = refusal
    elif how is None:
        reason = "Nobody stated how an image becomes this artifact's input: import it again with its input preparation."
    elif order.dataset is None or images is None:
        reason = "The order names no dataset that this agent has: register one by `zooboard-runner dataset add`."
    else:
        return images, (3, how.height, how.width) if how.layout == "NCHW" else (how.height, how.width, 3)
    raise AttemptFailed(FailureKind.USER, reason)


@dataclass(slots=True)
class ImageProgress:
    """Tells of every whole per cent once: a log must not get a line per batch."""

    journal: Follower
    total: int
    on_progress: Callable[[Progress], None]
    told_percent: int = -1

    def __call__(self) -> None:
        done = self.journal.images()
        percent = 100 * done // max(1, self.total)
        if done and percent > self.told_percent:
            self.told_percent = percent
            self.on_progress(Progress(phase="image", done=done, total=self.total))
