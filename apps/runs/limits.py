"""How long an attempt may take: an agent that heartbeats for ever must not keep a run for ever. Pure."""

from datetime import timedelta
from typing import Any, Protocol

from apps.catalog.models.device_kind import Category

BASE_S = 3_600.0
"""Fetching and converting the artifact, waiting for a quiet host."""
PROCESS_S = 600.0
"""Of each process: starting it, loading the engine, building a GPU's plan."""
PHONE_WAIT_S = 1_800.0
"""So long an agent waits before each invocation for a phone that is charged and cool; then it gives up by itself."""
INFERENCE_S = 0.5
"""Of each image of each inference: more than six times the largest latency in the published tables."""


class Measuring(Protocol):
    """What a limit depends on, of `apps.catalog.models.Protocol`."""

    category: str
    batch_size: int
    processes: int | None
    warmup: int | None
    repeats: int | None
    min_duration_s: float | None


def time_limit_s(protocol: Measuring, dataset: dict[str, Any] | None = None) -> float:
    """Generous on purpose: it ends what hangs, it does not judge what is slow.

    Units: seconds. `dataset` are the images of an accuracy, each executed once; fields of `runners.wire.Dataset`.
    """
    inferences = (protocol.warmup or 0) + (protocol.repeats or 1)
    images = dataset["images"] if dataset else inferences * protocol.batch_size
    # A process ends its timed loop at the later of two: so many repeats, or so many seconds.
    process_s = PROCESS_S + images * INFERENCE_S + 2 * (protocol.min_duration_s or 0.0)
    wait_s = PHONE_WAIT_S if protocol.category == Category.PHONE else 0.0
    return BASE_S + (protocol.processes or 1) * (wait_s + process_s)


def duration_text(duration: timedelta) -> str:
    """ "2 h 5 min", "40 s": as much as one wants to know."""
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"
