"""What the agent shows: one live line on a terminal, plain lines with a time everywhere else."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from rich.console import Console as RichConsole
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from runners import wire


class Console:
    """Lines of a person's interest, from any thread. `NO_COLOR` or a pipe gives plain lines."""

    def __init__(self, *, is_live: bool | None = None) -> None:
        self._rich = RichConsole(highlight=False, soft_wrap=True)
        wants_live = self._rich.is_terminal and "NO_COLOR" not in os.environ if is_live is None else is_live
        # Redrawn only when something changes: a display thread would wake up in the middle of a timed loop.
        self._live = Live(console=self._rich, auto_refresh=False, transient=True) if wants_live else None
        self._last_plain = ""

    def say(self, line: str) -> None:
        self._rich.print(f"[dim]{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}[/dim] {escape(line)}")

    def show(self, order: wire.RunOrder, device: wire.DeviceOffer, progress: wire.Progress) -> None:
        """The run in progress: device, model, protocol, how far."""
        line = describe(order, device, progress)
        if self._live is not None:
            self._live.start()
            self._live.update(Text(line, style="bold"), refresh=True)
        elif line != self._last_plain:
            self.say(line)
        self._last_plain = line

    def clear(self) -> None:
        """Take the live line away, so that the prompt or the next line is on a clean one."""
        if self._live is not None:
            self._live.stop()


def describe(order: wire.RunOrder, device: wire.DeviceOffer, progress: wire.Progress) -> str:
    return " · ".join([device.kind_name, order.model, order.protocol.slug, step_text(progress)])


def step_text(progress: wire.Progress) -> str:
    """How far it is, and why it waits where it does."""
    step = f"{progress.phase} {progress.done}/{progress.total}" if progress.total else progress.phase
    return f"{step}: {progress.detail}" if progress.detail else step


def timing_text(record: wire.Record) -> str:
    """The value of a latency in ms with four digits and what it is the median of; empty where nothing was timed."""
    if isinstance(record, wire.LatencyRecord):
        count = sum(len(process.wall_ns) for process in record.processes)
        return f"median {record.stated_median_ns / 1e6:.4g} ms, {count} inferences timed"
    if isinstance(record, wire.SummaryRecord):
        starts = len(record.invocations)
        means = f"median of the means of its {starts} starts" if starts > 1 else "mean of its one start"
        return f"{record.stated_mean_ns / 1e6:.4g} ms as {record.tool} says ({means})"
    return ""
