"""The CPU of the agent's own machine, measured in child processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np

from runners.engines.base import EngineUnavailable
from runners.execute import Execution, execute
from runners.hardware.base import Hardware
from runners.machine import local_device
from runners.orders import DatasetSource
from runners.quiet import BusyHost
from runners.wire import DeviceOffer, Progress, RunOrder

KEY = "cpu"
CHECK_SIZE = 256
"""Side of the matrices of the self-check: work enough to show a faulty processor, over in milliseconds."""


class HostCpu(Hardware):
    """What it offers is found out once: engines do not come and go while the agent runs.

    Raises: `EngineUnavailable` when no engine works here.
    """

    def __init__(self, *, simulated: bool = False, engines: Collection[str] | None = None) -> None:
        self._offer = local_device(simulated, engines)

    @property
    def key(self) -> str:
        return KEY

    @property
    def label(self) -> str:
        return f"{self._offer.kind_name} (this machine)"

    def offer(self) -> DeviceOffer:
        return self._offer

    def measure(
        self,
        order: RunOrder,
        *,
        artifact_dir: Path,
        work_dir: Path,
        kept_dir: Path,
        on_progress: Callable[[Progress], None],
        should_stop: threading.Event,
        busy_host: BusyHost,
        images: DatasetSource | None,
    ) -> Execution:
        return execute(
            order,
            artifact_dir=artifact_dir,
            work_dir=work_dir,
            kept_dir=kept_dir,
            on_progress=on_progress,
            should_stop=should_stop,
            busy_host=busy_host,
            images=images,
        )

    def self_check(self) -> tuple[bool, str]:
        """Whether the engines still load and the processor still computes what it computed before."""
        try:
            offered = {engine.name for engine in self._offer.engines}
            working = {engine.name for engine in local_device(self._offer.is_simulated, offered).engines}
        except EngineUnavailable as error:
            return False, str(error)
        if lost := sorted(offered - working):
            return False, f"Engines that worked at the start work no more: {', '.join(lost)}. Restart the agent."
        if not _computes_the_same_twice():
            return False, "The processor gives other results for the same product: its memory or clock is faulty."
        return True, f"{len(working)} engines load and the processor repeats its results."


def _computes_the_same_twice() -> bool:
    random = np.random.RandomState(0)
    left, right = (random.standard_normal((CHECK_SIZE, CHECK_SIZE)).astype(np.float32) for _ in range(2))
    return bool(np.array_equal(left @ right, left @ right))
