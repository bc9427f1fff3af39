"""Whether an uploaded result may stand: what it says against what was ordered and against physics."""

from datetime import timedelta

from apps.catalog.models import DeviceKind
from apps.fleet.models import STUB_ENGINE
from apps.runs.models import Attempt
from runners import wire
from runners.statistics.summarise import problems as latency_problems

CLOCK_TOLERANCE = timedelta(days=1)
"""An agent's clock may be this far off before its times are refused."""


def find_problems(attempt: Attempt, message: wire.ResultRequest, *, macs: int | None) -> list[str]:
    """Why the result is refused, in sentences for the agent's owner; empty when nothing speaks against it.

    Wants `attempt` with run, protocol, network, artifact, device and kind loaded. A consistent lie passes.
    """
    problems = _order_problems(attempt, message)
    if isinstance(message.record, wire.LatencyRecord):
        problems += _latency_problems(attempt, message, message.record, macs=macs)
    return problems


def _order_problems(attempt: Attempt, message: wire.ResultRequest) -> list[str]:
    run = attempt.run
    ordered = {
        "model": run.network.name,
        "protocol_slug": run.protocol.slug,
        "protocol_version": run.protocol.version,
        "engine": run.engine,
        "device_fingerprint": attempt.device.fingerprint,
        "artifact_sha256": run.artifact.sha256 if run.artifact else None,
    }
    problems = [
        f"{field} is {getattr(message, field)!r}, ordered was {value!r}."
        for field, value in ordered.items()
        if getattr(message, field) != value
    ]
    if message.record.kind != run.protocol.kind:
        problems.append(f"The record is about {message.record.kind}, ordered was {run.protocol.kind}.")
    earliest, latest = attempt.leased_at - CLOCK_TOLERANCE, (attempt.ended_at or attempt.expires_at) + CLOCK_TOLERANCE
    if not earliest <= message.started_at <= message.finished_at <= latest:
        problems.append("It was measured more than a day away from its lease: set the machine's clock with NTP.")
    if run.engine == STUB_ENGINE and not attempt.device.kind.is_simulated:
        problems.append("The stub engine measures nothing: offer it on a simulated device only.")
    return problems


def _latency_problems(
    attempt: Attempt, message: wire.ResultRequest, record: wire.LatencyRecord, *, macs: int | None
) -> list[str]:
    protocol = attempt.run.protocol
    problems = []
    if protocol.processes and len(record.processes) != protocol.processes:
        problems.append(
            f"It has samples of {len(record.processes)} processes, the protocol asks for {protocol.processes}."
        )
    fewest = min(len(process.wall_ns) for process in record.processes)
    if protocol.repeats and fewest < protocol.repeats:
        problems.append(f"A process has {fewest} samples, the protocol asks for at least {protocol.repeats}.")
    return problems + latency_problems(
        record,
        macs=macs,
        batch_size=protocol.batch_size,
        peak_flops=_peak_flops(attempt.device.kind, threads=protocol.threads or 1, precision=protocol.precision),
        elapsed_s=(message.finished_at - message.started_at).total_seconds(),
        threads=protocol.threads or 1,
    )


def _peak_flops(kind: DeviceKind, *, threads: int, precision: str) -> float | None:
    peak: float | None = kind.peak_flops.get(precision or "fp32")
    if peak is not None and kind.facts.get("peak_is_per") == "core":
        return peak * threads
    return peak
