"""From a latency record to everything that is stored and shown of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from runners.statistics import bootstrap, plausibility
from runners.statistics.counts import NOTHING_ASKED, Counts
from runners.statistics.device import check_not_always_throttled
from runners.statistics.facts import device_state, host_state, logical_cores, output_stability, was_measured
from runners.statistics.flags import Attempt, Flag, HostState, find_flags
from runners.statistics.outliers import outlier_masks
from runners.statistics.samples import Processes, Samples, medians
from runners.statistics.summary import document_mean, percentiles
from runners.wire import LatencyRecord

__all__ = ["NS_PER_MS", "Summary", "logical_cores", "problems", "summarise"]

NS_PER_MS = 1e6


@dataclass(frozen=True)
class Summary:
    """Units: all times in ms. `interval_ms` and `log_standard_error` are None below three processes.

    `value_ms` is the median of all samples. `document_mean_30_ms` and `_500_ms` follow the published protocols.
    `device_ms` is the median of a GPU's own times, None unless every process gave some.
    """

    value_ms: float
    interval_ms: tuple[float, float] | None
    log_standard_error: float | None
    n: int
    processes: int
    process_medians_ms: list[float]
    mean_ms: float
    min_ms: float
    p10_ms: float
    p90_ms: float
    p99_ms: float | None
    cpu_p10_ms: float | None
    cpu_median_ms: float | None
    load_ms: float | None
    first_ms: float | None
    document_mean_30_ms: float | None
    document_mean_500_ms: float | None
    outliers: int
    flags: list[Flag]
    device_ms: float | None = None
    device_interval_ms: tuple[float, float] | None = None
    device_n: int = 0

    def as_json(self) -> dict[str, Any]:
        """JSON scalars, lists and objects only; an interval becomes a list."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    def estimate(self) -> bootstrap.Estimate | None:
        """What `bootstrap.ratio_interval` compares, without the samples."""
        if self.log_standard_error is None:
            return None
        return bootstrap.Estimate(self.value_ms, self.log_standard_error, self.processes)


def summarise(
    record: LatencyRecord,
    *,
    threads: int = 1,
    is_host_timed: bool = True,
    logical_cores: int | None = None,
    counts: Counts = NOTHING_ASKED,
) -> Summary:
    """Statistics and flags of one attempt.

    `is_host_timed` is False where the host only waits for a GPU or a phone: its CPU time and load then say nothing.
    """
    wall, device = _wall(record), _device(record)
    cpu = _cpu(record) if is_host_timed else []
    facts = [process.facts for process in record.processes]
    host = host_state(facts, logical_cores) if is_host_timed else HostState()
    over_all = percentiles(wall)
    cpu_percentiles = percentiles(cpu) if cpu else None
    estimate = bootstrap.estimate(wall)
    return Summary(
        value_ms=over_all.median / NS_PER_MS,
        interval_ms=_interval_ms(estimate),
        log_standard_error=None if estimate is None else estimate.log_standard_error,
        n=over_all.n,
        processes=len(wall),
        process_medians_ms=(medians(wall) / NS_PER_MS).tolist(),
        mean_ms=over_all.mean / NS_PER_MS,
        min_ms=over_all.min / NS_PER_MS,
        p10_ms=over_all.p10 / NS_PER_MS,
        p90_ms=over_all.p90 / NS_PER_MS,
        p99_ms=None if over_all.p99 is None else over_all.p99 / NS_PER_MS,
        cpu_p10_ms=None if cpu_percentiles is None else cpu_percentiles.p10 / NS_PER_MS,
        cpu_median_ms=None if cpu_percentiles is None else cpu_percentiles.median / NS_PER_MS,
        load_ms=_median_ms([p.load_ns for p in record.processes if was_measured(p.facts, "load_ns")]),
        first_ms=_median_ms([p.first_ns for p in record.processes if was_measured(p.facts, "first_ns")]),
        document_mean_30_ms=_document_mean_ms(record, repeats=30),
        document_mean_500_ms=_document_mean_ms(record, repeats=500),
        outliers=sum(int(mask.sum()) for mask in outlier_masks(wall)),
        flags=find_flags(Attempt(wall, cpu, threads, host, device_state(facts), output_stability(facts), counts)),
        device_ms=float(np.median(np.concatenate(device))) / NS_PER_MS if device else None,
        device_interval_ms=_interval_ms(bootstrap.estimate(device)) if device else None,
        device_n=sum(len(times) for times in device),
    )


def _median_ms(times_ns: Sequence[int]) -> float | None:
    return float(np.median(times_ns)) / NS_PER_MS if times_ns else None


def _interval_ms(estimate: bootstrap.Estimate | None) -> tuple[float, float] | None:
    if estimate is None:
        return None
    low, high = bootstrap.interval(estimate)
    return low / NS_PER_MS, high / NS_PER_MS


def problems(
    record: LatencyRecord,
    *,
    macs: int | None,
    batch_size: int,
    peak_flops: float | None,
    elapsed_s: float,
    threads: int = 1,
    is_host_timed: bool = True,
) -> list[str]:
    """Why the record cannot be true, in sentences for its sender; empty when nothing speaks against it.

    `is_host_timed` is False where the host only waits for a GPU or a phone: what its CPU did is not judged then.
    Units: `macs` of one image, None where the graph was not counted; `peak_flops` in FLOP/s, None where unknown.
    """
    wall = _wall(record)
    cpu = [_array(process.cpu_ns if is_host_timed else []) for process in record.processes]
    # What each process did before its samples counts, its warm-ups included.
    total_ns = sum(p.load_ns + p.first_ns + sum(p.warmup_wall_ns) + sum(p.wall_ns) for p in record.processes)
    found = [plausibility.check_stated_median(record.stated_median_ns, wall)]
    found += plausibility.check_samples(wall, cpu, threads=threads)
    found.append(plausibility.check_duration(total_ns, elapsed_s))
    if macs is not None and peak_flops is not None:
        for timed in filter(None, (wall, _device(record))):
            median_ns = float(np.median(np.concatenate(timed)))
            found.append(plausibility.check_floor(median_ns, macs=macs, batch_size=batch_size, peak_flops=peak_flops))
    device = device_state([process.facts for process in record.processes])
    found.append(check_not_always_throttled(device.is_throttled, device.low_clocks, len(record.processes)))
    return [problem for problem in found if problem is not None]


def _array(values: list[int]) -> Samples:
    return np.array(values, dtype=np.float64)


def _wall(record: LatencyRecord) -> Processes:
    return [_array(process.wall_ns) for process in record.processes]


def _cpu(record: LatencyRecord) -> Processes:
    """Empty unless every process recorded the CPU time of every sample."""
    if any(len(process.cpu_ns) != len(process.wall_ns) for process in record.processes):
        return []
    return [_array(process.cpu_ns) for process in record.processes]


def _device(record: LatencyRecord) -> Processes:
    """Empty unless every process recorded times of its own on the device."""
    if any(not process.device_ns for process in record.processes):
        return []
    return [_array(process.device_ns) for process in record.processes]


def _document_mean_ms(record: LatencyRecord, *, repeats: int) -> float | None:
    process = record.processes[0]
    mean = document_mean(process.first_ns, _array(process.warmup_wall_ns), _array(process.wall_ns), repeats=repeats)
    return None if mean is None else mean / NS_PER_MS
