"""Latency records as an agent would send them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from runners.statistics.samples import Samples
from runners.wire import LatencyRecord, ProcessSamples


def record(
    wall: Sequence[Samples],
    *,
    cpu_over_wall: float = 1.0,
    facts: dict[str, Any] | None = None,
    stated_median_ns: float | None = None,
    device_over_wall: float | None = None,
) -> LatencyRecord:
    """Whole nanoseconds of `wall`; ten warm-ups of 12 ms, a first inference of 20 ms, 50 ms of loading.

    `device_over_wall` gives times of a GPU too, as this share of the wall times.
    """
    whole = [np.rint(samples).astype(int) for samples in wall]
    processes = [
        ProcessSamples(
            load_ns=50_000_000,
            first_ns=20_000_000,
            warmup_wall_ns=[12_000_000] * 10,
            wall_ns=samples.tolist(),
            cpu_ns=np.rint(samples * cpu_over_wall).astype(int).tolist(),
            device_ns=[] if device_over_wall is None else np.rint(samples * device_over_wall).astype(int).tolist(),
            started_at=datetime(2026, 1, 1, tzinfo=UTC),
            facts=facts or {},
        )
        for samples in whole
    ]
    median_ns = float(np.median(np.concatenate(whole))) if stated_median_ns is None else stated_median_ns
    return LatencyRecord(processes=processes, stated_median_ns=median_ns, output_sha256="0" * 64)
