"""From a latency record to everything that is stored and shown of it."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from runners.statistics import bootstrap, plausibility
from runners.statistics.flags import Attempt, Flag, HostState, find_flags
from runners.statistics.outliers import outlier_masks
from runners.statistics.samples import Processes, Samples, medians
from runners.statistics.summary import document_mean, percentiles
from runners.wire import Facts, LatencyRecord

NS_PER_MS = 1e6
LARGEST_FACT = 1e12
"""Beyond it, or infinite, or no number at all, a fact is not believed."""


@dataclass(frozen=True)
class Summary:
    """Units: all times in ms. `interval_ms` and `log_standard_error` are None below three processes.

    `value_ms` is the median of all samples. `document_mean_30_ms` and `_500_ms` follow the published protocols.
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
    load_ms: float
    first_ms: float
    document_mean_30_ms: float | None
    document_mean_500_ms: float | None
    outliers: int
    flags: list[Flag]

    def as_json(self) -> dict[str, Any]:
        """JSON scalars, lists and objects only; the interval becomes a list."""
        fields = asdict(self)
        fields["interval_ms"] = None if self.interval_ms is None else list(self.interval_ms)
        return fields

    def estimate(self) -> bootstrap.Estimate | None:
        """What `bootstrap.ratio_interval` compares, without the samples."""
        if self.log_standard_error is None:
            return None
        return bootstrap.Estimate(self.value_ms, self.log_standard_error, self.processes)


def summarise(
    record: LatencyRecord, *, threads: int = 1, is_host_timed: bool = True, logical_cores: int | None = None
) -> Summary:
    """Statistics and flags of one attempt.

    `is_host_timed` is False where the host only waits for a GPU or a phone: its CPU time and load then say nothing.
    """
    wall = _wall(record)
    cpu = _cpu(record) if is_host_timed else []
    host = _host_state(record, logical_cores) if is_host_timed else HostState()
    over_all = percentiles(wall)
    cpu_percentiles = percentiles(cpu) if cpu else None
    estimate = bootstrap.estimate(wall)
    interval = None if estimate is None else bootstrap.interval(estimate)
    return Summary(
        value_ms=over_all.median / NS_PER_MS,
        interval_ms=None if interval is None else (interval[0] / NS_PER_MS, interval[1] / NS_PER_MS),
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
        load_ms=float(np.median([process.load_ns for process in record.processes])) / NS_PER_MS,
        first_ms=float(np.median([process.first_ns for process in record.processes])) / NS_PER_MS,
        document_mean_30_ms=_document_mean_ms(record, repeats=30),
        document_mean_500_ms=_document_mean_ms(record, repeats=500),
        outliers=sum(int(mask.sum()) for mask in outlier_masks(wall)),
        flags=find_flags(Attempt(wall, cpu, threads, host)),
    )


def logical_cores(environment: Facts) -> int | None:
    """As an attempt's environment says; None where it does not."""
    cores = _number(environment, "cpu", "logical_cores")
    return None if cores is None else int(cores)


def problems(
    record: LatencyRecord,
    *,
    macs: int | None,
    batch_size: int,
    peak_flops: float | None,
    elapsed_s: float,
    threads: int = 1,
) -> list[str]:
    """Why the record cannot be true, in sentences for its sender; empty when nothing speaks against it.

    Units: `macs` of one image, None where the graph was not counted; `peak_flops` in FLOP/s, None where unknown.
    """
    wall = _wall(record)
    cpu = [_array(process.cpu_ns) for process in record.processes]
    # What each process did before its samples counts, its warm-ups included.
    total_ns = sum(p.load_ns + p.first_ns + sum(p.warmup_wall_ns) + sum(p.wall_ns) for p in record.processes)
    found = [plausibility.check_stated_median(record.stated_median_ns, wall)]
    found += plausibility.check_samples(wall, cpu, threads=threads)
    found.append(plausibility.check_duration(total_ns, elapsed_s))
    if macs is not None and peak_flops is not None:
        median_ns = float(np.median(np.concatenate(wall)))
        found.append(plausibility.check_floor(median_ns, macs=macs, batch_size=batch_size, peak_flops=peak_flops))
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


def _host_state(record: LatencyRecord, logical_cores: int | None) -> HostState:
    facts = [process.facts for process in record.processes]
    return HostState(
        load_averages=[load for f in facts if (load := _number(f, "before", "load_average")) is not None],
        stolen_cores=_per_second(facts, "steal_s"),
        core_shares=_per_second(facts, "core_others_s"),
        neighbour_cores=_neighbour_cores(facts),
        logical_cores=logical_cores,
    )


def _per_second(facts: list[Facts], key: str) -> list[float]:
    """Seconds per second of the timed loop, of every process that says both."""
    said = [(_number(f, "loop", key), _number(f, "loop", "elapsed_s")) for f in facts]
    return [seconds / elapsed_s for seconds, elapsed_s in said if seconds is not None and elapsed_s]


def _neighbour_cores(facts: list[Facts]) -> list[float]:
    """What others used of the host less what they used of the cores measured on."""
    said = [[_number(f, "loop", key) for key in ("others_cpu_s", "core_others_s", "elapsed_s")] for f in facts]
    return [(others - (shared or 0.0)) / elapsed for others, shared, elapsed in said if others is not None and elapsed]


def _number(facts: Facts, group: str, key: str) -> float | None:
    """A finite number, or the first of a list, among facts, which are the agent's own words and may be anything."""
    values = facts.get(group)
    value = values.get(key) if isinstance(values, dict) else None
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST_FACT:
        return None
    return float(value)


def _document_mean_ms(record: LatencyRecord, *, repeats: int) -> float | None:
    process = record.processes[0]
    mean = document_mean(process.first_ns, _array(process.warmup_wall_ns), _array(process.wall_ns), repeats=repeats)
    return None if mean is None else mean / NS_PER_MS
