"""What a piece of hardware is to the agent: something that says what it offers, measures, and can check itself."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from runners.execute import Execution
from runners.orders import DatasetSource
from runners.quiet import BusyHost
from runners.wire import DeviceOffer, Progress, RunOrder


class HardwareAbsentError(Exception):
    """There is no hardware of this sort here, or no way to reach it; the text says why and what to do about it."""


@dataclass(frozen=True)
class Finding:
    """One line of `doctor`. `is_needed` is false for what an agent can do without: hardware that is not there."""

    subject: str
    is_ok: bool
    text: str
    is_needed: bool = True


class Hardware(ABC):
    """One physical piece. An agent asks and uses its pieces from one thread, one after the other.

    A device's `fingerprint` is `runners.machine.fingerprint(<its own id>, <category>, <kind>)`, so that the same piece
    is the same device behind whichever host: the id is its serial or UUID, which nobody gets back from a fingerprint.
    """

    @property
    @abstractmethod
    def key(self) -> str:
        """What the config remembers it by, `<category>:<id>`, the same over restarts: "phone:9A2B", "gpu:<hash>"."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What a person recognises it by, also while it is not there: "Tesla T4 (GPU 0)", "Pixel 4 (serial 9A2B)"."""

    @abstractmethod
    def offer(self) -> DeviceOffer | None:
        """What it can execute now; None while it is not there or nothing works on it.

        Asked before every lease request, so that phones and GPUs may come and go: it must be quick, and never raises
        for hardware that has gone.
        """

    @abstractmethod
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
        """Do what the order says, as `runners.execute.execute` does, and leave nothing of it running or lying about.

        Raises: `runners.execute.AttemptFailed`, `runners.execute.Stopped`.
        """

    @abstractmethod
    def self_check(self) -> tuple[bool, str]:
        """Whether it is fit to measure after a failure, and one sentence that says so or why not.

        Seconds, not minutes. Called after a failure of kind device or infrastructure, and again until it is well.
        """

    def clean_up(self) -> None:  # noqa: B027 - only hardware with a storage of its own has something to clean
        """Remove what an attempt left on it whose agent was killed. Called once at the start."""

    def findings(self) -> Iterable[Finding]:
        """What works on it, what is missing and how to get it, for `doctor` and at enrolment."""
        offer = self.offer()
        if offer is None:
            return [Finding(self.label, False, "offers nothing now", is_needed=False)]
        engines = ", ".join(f"{engine.name} {engine.release}" for engine in offer.engines)
        return [Finding(self.label, True, f"offers {engines}", is_needed=False)]
