"""A piece of hardware that a test can take away, make ill and heal; it measures by the stub engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from runners.execute import AttemptFailed, Execution, execute
from runners.hardware.base import Hardware
from runners.machine import fingerprint, local_device
from runners.orders import DatasetSource
from runners.quiet import BusyHost
from runners.wire import DeviceOffer, Progress, RunOrder


class Piece(Hardware):
    def __init__(self, name: str = "piece") -> None:
        self.name = name
        self.is_there = True
        self.is_well = True
        self.failure: AttemptFailed | None = None
        self.checks = 0
        self.measured: list[int] = []
        self.cleaned = 0
        own = {"fingerprint": fingerprint(name, "simulated", "piece"), "kind_name": name}
        self._offer = local_device(simulated=True).model_copy(update=own)

    @property
    def key(self) -> str:
        return f"cpu:{self.name}"

    @property
    def label(self) -> str:
        return self.name

    def offer(self) -> DeviceOffer | None:
        return self._offer if self.is_there else None

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
        self.measured.append(order.attempt_id)
        if self.failure is not None:
            raise self.failure
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
        self.checks += 1
        return self.is_well, "well" if self.is_well else "ill"

    def clean_up(self) -> None:
        self.cleaned += 1
