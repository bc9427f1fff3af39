"""The GPU's state from the start of an attempt to its end, read once a second in the agent's own process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from runners.gpu.nvml import GpuLostError, Nvml
from runners.gpu.state import GpuState
from runners.wire import Facts, LatencyRecord, ProcessSamples

EVERY_S = 1.0
MOST_KEPT = 300
"""Samples in the record of one process, the newest of them; the extremes are of all."""


@dataclass(frozen=True, slots=True)
class Sample:
    at: datetime
    state: GpuState


@dataclass
class Sampler:
    """Reads from `with` to its end, at both ends too."""

    nvml: Nvml
    uuid: str
    samples: list[Sample] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._read()
        self._thread = threading.Thread(target=self._run, name="gpu-sampler", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._read()

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            self._read()

    def _read(self) -> None:
        try:
            self.samples.append(Sample(datetime.now(UTC), self.nvml.state(self.uuid)))
        except GpuLostError:
            # Whoever measures on it finds out; here a sample is missing.
            return


def with_states(record: LatencyRecord, samples: Sequence[Sample]) -> LatencyRecord:
    """The same record, with the GPU's state before, during and after each process among the process's facts."""
    ends: list[datetime | None] = [process.started_at for process in record.processes[1:]]
    described = [
        process.model_copy(update={"facts": process.facts | state_facts(process, end, samples)})
        for process, end in zip(record.processes, [*ends, None], strict=True)
    ]
    return record.model_copy(update={"processes": described})


def state_facts(process: ProcessSamples, ended_at: datetime | None, samples: Sequence[Sample]) -> Facts:
    """`ended_at` is None for the last process. Empty for a process that nobody watched, as one of an earlier try.

    Reasons for a lower clock count from the second inference on: planning a network heats a GPU as nothing else does.
    """
    started_at = process.started_at
    during = [each for each in samples if started_at <= each.at and (ended_at is None or each.at < ended_at)]
    if not during:
        return {}
    before = next((each for each in reversed(samples) if each.at < started_at), None)
    after = next((each for each in samples if ended_at is not None and each.at >= ended_at), during[-1])
    steady_from = started_at + timedelta(microseconds=(process.load_ns + process.first_ns) / 1e3)
    steady = [each.state for each in during if each.at >= steady_from]
    told = [state.throttle_reasons for state in steady if state.throttle_reasons is not None]
    clocks = [state.sm_mhz for state in steady if state.sm_mhz is not None]
    return {
        "gpu": {
            "before": before.state.as_facts() if before else None,
            "after": after.state.as_facts(),
            "temperature_max_c": max(each.state.temperature_c for each in during),
            "sm_min_mhz": min(clocks, default=None),
            "sm_max_mhz": max(clocks, default=None),
            "samples": [
                {"at_s": round((each.at - started_at).total_seconds(), 2), **each.state.as_facts()}
                for each in during[-MOST_KEPT:]
            ],
        },
        "throttle_reasons": sorted({word for words in told for word in words}) if told else None,
    }
