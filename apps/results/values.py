"""From a record to the values that follow from it, each in its metric's unit. Runs no query."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.results import accuracy
from apps.results.models.result import Evidence
from runners import wire
from runners.statistics.counts import counts_of
from runners.statistics.invocations import summarise_invocations
from runners.statistics.summarise import Summary, logical_cores, summarise
from runners.tools import evidence

MEBI = Decimal(2**20)
MEGA = Decimal(10**6)
GIGA = Decimal(10**9)
PLACES = Decimal("1e-8")


@dataclass(frozen=True)
class Value:
    """One value of a measurement, in its metric's unit."""

    metric: str
    value: Decimal
    evidence: Evidence
    statistic: str
    interval: tuple[Decimal, Decimal] | None = None
    n: int | None = None
    flags: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Terms:
    """What a record's values depend on beside the record.

    `metrics`, `threads`, `processes` and `repeats` are the protocol's; `is_host_timed` is False where the host only
    waits for a GPU or a phone; `artifact_bytes` is None where the size of the artifact is counted by another protocol.
    """

    metrics: list[str]
    threads: int = 1
    processes: int | None = None
    repeats: int | None = None
    is_host_timed: bool = True
    artifact_bytes: int | None = None


def values_of(message: wire.Measured, terms: Terms) -> tuple[list[Value], dict[str, Any]]:
    """The values of a measurement that its protocol asks for, and the statistics that stand behind them."""
    values, statistics = _values(message, terms)
    return [value for value in values if value.metric in terms.metrics], statistics


def _values(message: wire.Measured, terms: Terms) -> tuple[list[Value], dict[str, Any]]:
    record = message.record
    if isinstance(record, wire.LatencyRecord):
        return _latency_values(message, record, terms)
    if isinstance(record, wire.SummaryRecord):
        return _summary_values(record, terms)
    if isinstance(record, wire.AccuracyRecord):
        return _accuracy_values(record, metrics=terms.metrics), accuracy.statistics(record)
    return _complexity_values(record), {}


def _latency_values(
    message: wire.Measured, record: wire.LatencyRecord, terms: Terms
) -> tuple[list[Value], dict[str, Any]]:
    cores = logical_cores(message.environment)
    counts = counts_of(record, processes=terms.processes, repeats=terms.repeats)
    summary = summarise(
        record, threads=terms.threads, is_host_timed=terms.is_host_timed, logical_cores=cores, counts=counts
    )
    latency = Value(
        metric="latency",
        value=_decimal(summary.value_ms),
        evidence=Evidence.SAMPLES,
        statistic="median",
        interval=_interval(summary.interval_ms),
        n=summary.n,
        flags=[flag.key for flag in summary.flags],
    )
    values = [latency, *_device_time(summary), *_cpu_time(summary), *_storage(record.executed_files, terms)]
    return values, summary.as_json()


def _device_time(summary: Summary) -> list[Value]:
    """Nothing where a process gave no times of the GPU itself."""
    if summary.device_ms is None:
        return []
    return [
        Value(
            metric="device_time",
            value=_decimal(summary.device_ms),
            evidence=Evidence.SAMPLES,
            statistic="median",
            interval=_interval(summary.device_interval_ms),
            n=summary.device_n,
            # They are found in wall times, which contain what the GPU took.
            flags=[flag.key for flag in summary.flags],
        )
    ]


def _cpu_time(summary: Summary) -> list[Value]:
    """Nothing where CPU times are missing, or too short for the agent's clock."""
    if not summary.cpu_p10_ms:
        return []
    return [
        Value(
            metric="cpu_time",
            value=_decimal(summary.cpu_p10_ms),
            evidence=Evidence.SAMPLES,
            statistic="10th percentile of CPU time",
            n=summary.n,
            # What disturbs wall time disturbs caches and frequency too, and with them CPU time.
            flags=[flag.key for flag in summary.flags],
        )
    ]


def _summary_values(record: wire.SummaryRecord, terms: Terms) -> tuple[list[Value], dict[str, Any]]:
    counts = counts_of(record, processes=terms.processes, repeats=terms.repeats)
    summary = summarise_invocations(record, counts=counts, unread=evidence.compare(record).unread)
    latency = Value(
        metric="latency",
        value=_decimal(summary.value_ms),
        evidence=Evidence.SUMMARY,
        statistic=summary.statistic,
        n=summary.runs,
        flags=[flag.key for flag in summary.flags],
    )
    return [latency, *_storage(record.executed_files, terms)], summary.as_json()


def _storage(executed_files: list[wire.ArtifactFile], terms: Terms) -> list[Value]:
    """Size of the files that the engine loaded: its own format, else the artifact unless that is counted elsewhere."""
    size = sum(file.size_bytes for file in executed_files) or terms.artifact_bytes
    if not size:
        return []
    value = (Decimal(size) / MEBI).quantize(PLACES)
    return [Value("storage", value, Evidence.COUNT, "files that the engine loaded")]


def _accuracy_values(record: wire.AccuracyRecord, *, metrics: list[str]) -> list[Value]:
    n = accuracy.readable_count(record)
    values = []
    for metric in metrics:
        value, (low, high) = accuracy.share(record, metric)
        values.append(
            Value(
                metric=metric,
                value=_decimal(value),
                evidence=Evidence.SAMPLES,
                statistic=f"share of {n} {'readable ' if record.unreadable else ''}images",
                interval=(_decimal(low), _decimal(high)),
                n=n,
                flags=[accuracy.UNREADABLE_FLAG] if record.unreadable else [],
            )
        )
    return values


def _complexity_values(record: wire.ComplexityRecord) -> list[Value]:
    counted = {
        "macs": Decimal(record.macs) / MEGA,
        "flops_2mac": Decimal(2 * record.macs) / GIGA,
        "flops_paddle": Decimal(record.flops_paddle) / GIGA,
        "params": Decimal(record.params) / MEGA,
        "params_paddle": Decimal(record.params_paddle) / MEGA,
        "storage": Decimal(record.storage_bytes) / MEBI,
    }
    return [Value(metric, value.quantize(PLACES), Evidence.COUNT, "count") for metric, value in counted.items()]


def _interval(interval_ms: tuple[float, float] | None) -> tuple[Decimal, Decimal] | None:
    return None if interval_ms is None else (_decimal(interval_ms[0]), _decimal(interval_ms[1]))


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(PLACES)
