"""From an uploaded result to values on the board."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import DataError, transaction

from apps.catalog.actions import configuration_for
from apps.catalog.datasets import is_standard, standard_datasets
from apps.catalog.models import Configuration
from apps.results import accuracy
from apps.results.acceptance import find_problems
from apps.results.actions.board import refresh_cells
from apps.results.models import Evidence, Measurement, Origin, Result, Samples
from apps.runs.actions.outcomes import settle_attempt
from apps.runs.models import Attempt, AttemptState, Run, Upload
from runners import wire
from runners.statistics.summarise import Summary, logical_cores, summarise

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


def accept_attempt(*, attempt_id: int, at: datetime) -> bool:
    """Validate a submitted result and store its values, or refuse it with reasons. False when that was done before."""
    try:
        return _accept(attempt_id=attempt_id, at=at)
    except (DataError, InvalidOperation) as exc:
        # Numbers beyond the columns, NUL in text: no sentence of our checks covers all that an agent may say.
        problem = f"The site cannot store these values ({type(exc).__name__}): send plain text and plausible numbers."
        return settle_attempt(attempt_id=attempt_id, problems=[problem], at=at)


@transaction.atomic
def _accept(*, attempt_id: int, at: datetime) -> bool:
    # The run is locked first, as every other action does: two orders would be a deadlock.
    Run.objects.select_for_update(of=("self",)).get(attempts=attempt_id)
    attempt = Attempt.objects.select_related(
        "run__network", "run__protocol", "run__artifact", "agent", "device__kind"
    ).get(pk=attempt_id)
    if attempt.state != AttemptState.SUBMITTED:
        return False
    message = wire.ResultRequest.model_validate(Upload.objects.get(attempt=attempt).json())
    problems = find_problems(attempt, message, macs=known_macs(attempt.run.network.architecture_id))
    if not settle_attempt(attempt_id=attempt.pk, problems=problems, at=at):
        return False
    if not problems:
        _store(attempt, message, at=at)
    return True


def known_macs(architecture_id: int) -> int | None:
    """MACs of the architecture as somebody counted them, None before that.

    Of several counts the most trusted, then the smallest: a forged one never refuses honest latencies.
    """
    counted = Result.objects.standing().filter(
        metric="macs", network__architecture_id=architecture_id, origin=Origin.RUN, is_simulated=False
    )
    result = counted.order_by("-trust_tier", "value").first()
    return int(result.value * MEGA) if result else None


def _store(attempt: Attempt, message: wire.ResultRequest, *, at: datetime) -> None:
    run = attempt.run
    values, statistics = values_of(message, threads=run.protocol.threads or 1, metrics=run.protocol.metrics)
    assert run.artifact is not None
    Measurement.objects.create(
        attempt=attempt,
        artifact=run.artifact,
        engine_release=message.engine_release,
        runner_version=message.runner_version,
        started_at=message.started_at,
        finished_at=message.finished_at,
        environment=message.environment,
        statistics=statistics,
    )
    if samples := samples_of(message.record):
        entries, count = samples
        Samples.objects.create(attempt=attempt, data=Samples.pack(entries), count=count)
    configuration = configuration_for(
        protocol=run.protocol,
        engine=run.engine,
        device_kind=attempt.device.kind if run.protocol.needs_device_kind else None,
        dataset=subset_of(message.record),
    )
    results = [_result(attempt, message, value, configuration, at=at) for value in values]
    Result.objects.bulk_create(results)
    refresh_cells((r.network_id, r.metric, r.configuration_id) for r in results)


def samples_of(record: wire.Record) -> tuple[list[dict[str, Any]], int] | None:
    """What is kept raw, as `Samples.unpack` gives it again, and how many samples that is; None for a count."""
    if isinstance(record, wire.LatencyRecord):
        processes = [process.model_dump(mode="json") for process in record.processes]
        return processes, sum(len(process.wall_ns) for process in record.processes)
    if isinstance(record, wire.AccuracyRecord):
        return [record.model_dump(include={"labels", "predicted", "ranks"})], len(record.ranks)
    return None


def subset_of(record: wire.Record) -> str:
    """The name of the images in a configuration; empty where the whole of the task's standard dataset was read."""
    if not isinstance(record, wire.AccuracyRecord):
        return ""
    dataset = record.dataset
    is_whole = not record.unreadable and is_standard(dataset.model_dump(), standard_datasets())
    return "" if is_whole else accuracy.subset_name(dataset)


def _result(
    attempt: Attempt, message: wire.ResultRequest, value: Value, configuration: Configuration, *, at: datetime
) -> Result:
    return Result(
        network=attempt.run.network,
        metric=value.metric,
        configuration=configuration,
        origin=Origin.RUN,
        attempt=attempt,
        device=attempt.device,
        value=value.value,
        evidence=value.evidence,
        statistic=value.statistic,
        interval_low=value.interval[0] if value.interval else None,
        interval_high=value.interval[1] if value.interval else None,
        n=value.n,
        flags=value.flags,
        engine=attempt.run.engine,
        engine_release=message.engine_release,
        trust_tier=attempt.agent.trust_tier,
        is_simulated=attempt.device.kind.is_simulated,
        # An agent whose clock is ahead must not stay the newest for ever.
        measured_at=min(message.finished_at, attempt.ended_at or at),
        created_at=at,
        updated_at=at,
    )


def values_of(message: wire.Measured, *, threads: int, metrics: list[str]) -> tuple[list[Value], dict[str, Any]]:
    """The values of a measurement, and the statistics that stand behind them."""
    if isinstance(message.record, wire.LatencyRecord):
        return _latency_values(message, message.record, threads=threads)
    if isinstance(message.record, wire.AccuracyRecord):
        return _accuracy_values(message.record, metrics=metrics), accuracy.statistics(message.record)
    assert isinstance(message.record, wire.ComplexityRecord)
    return _complexity_values(message.record), {}


def _latency_values(
    message: wire.Measured, record: wire.LatencyRecord, *, threads: int
) -> tuple[list[Value], dict[str, Any]]:
    summary = summarise(record, threads=threads, logical_cores=logical_cores(message.environment))
    interval = None
    if summary.interval_ms is not None:
        interval = (_decimal(summary.interval_ms[0]), _decimal(summary.interval_ms[1]))
    latency = Value(
        metric="latency",
        value=_decimal(summary.value_ms),
        evidence=Evidence.SAMPLES,
        statistic="median",
        interval=interval,
        n=summary.n,
        flags=[flag.key for flag in summary.flags],
    )
    return [latency, *_cpu_time(summary), *_executed_storage(record)], summary.as_json()


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


def _executed_storage(record: wire.LatencyRecord) -> list[Value]:
    """Size of the network in the engine's own format; nothing where it loads the artifact as it is."""
    size = sum(file.size_bytes for file in record.executed_files)
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


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(PLACES)
