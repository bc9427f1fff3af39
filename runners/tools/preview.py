"""What an import would send, for a person who decides on it: each number with its unit, its flags, what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean, median

from runners import protocols, report, wire
from runners.statistics.facts import NOT_MEASURED
from runners.zoo import catalogue

NS_PER_MS = 1e6
FOR_TOO_LITTLE = {"few-invocations", "few-samples"}
NEVER_IN_A_LOG = ("clocks", "temperature", "other load")


def lines(made: wire.SubmissionRequest, protocol: wire.Protocol) -> dict[str, str]:
    """What the table shows, in its order."""
    origin = made.environment["imported_log"]
    release = f"{made.engine} {made.engine_release}"
    return {
        "model": _model(made),
        "protocol": f"{made.protocol_slug} version {made.protocol_version}",
        "device": _device(made.device, protocol),
        "engine": f"{release}, by the output of {origin['tool']}",
        **dict(_numbers(made.record)),
        "artifact": f"{made.artifact_sha256}, {made.artifact.format}, {made.artifact.precision}",
        **_executed(made.record),
        "weights": made.artifact.weights,
        "finished": f"{made.finished_at:%Y-%m-%d %H:%M:%S %Z} ({origin['finished_at_from']})",
        "stays missing": ", ".join(_missing(made.record)),
        **_flags(made, protocol),
    }


def table(made: wire.SubmissionRequest, protocol: wire.Protocol) -> str:
    shown = lines(made, protocol)
    width = max(map(len, shown)) + 2
    return "\n".join(f"{name:<{width}}{text}" for name, text in shown.items())


def _model(made: wire.SubmissionRequest) -> str:
    is_of_the_zoo = made.model in catalogue.ARCHITECTURES
    return made.model if is_of_the_zoo else f"{made.model}: a site takes it once it has a model of this name"


def _device(device: wire.DeviceOffer, protocol: wire.Protocol) -> str:
    hardware = protocols.hardware_for(protocol)
    is_known = hardware is not None and hardware.kind_name == device.kind_name
    kind = "" if is_known else "; a kind of its own, unless a site has one of exactly this title"
    return f"{device.kind_name}, a {device.category}: as you state it, nobody can check it{kind}"


def _numbers(record: wire.Record) -> Iterator[tuple[str, str]]:
    if isinstance(record, wire.SummaryRecord):
        yield "evidence", "summary: what the program says of its runs, so no interval can follow"
        yield "value", f"{_ms(record.stated_mean_ns)}, the median of {len(record.invocations)} means"
        for number, invocation in enumerate(record.invocations, start=1):
            yield _file(number, invocation.facts), _of_summary(invocation)
    if isinstance(record, wire.LatencyRecord):
        yield "evidence", "samples: every timed run"
        yield "value", f"{_ms(record.stated_median_ns)}, the median of all samples"
        for number, process in enumerate(record.processes, start=1):
            yield _file(number, process.facts), _of_samples(process)


def _of_summary(invocation: wire.ToolSummary) -> str:
    named = {
        "mean": invocation.mean_ns,
        "median": invocation.median_ns,
        "min": invocation.min_ns,
        "max": invocation.max_ns,
        "standard deviation": invocation.standard_deviation_ns,
        "init": invocation.init_ns,
        "first": invocation.first_ns,
    }
    times = ", ".join(f"{name} {_ms(value)}" for name, value in named.items())
    return f"{times}; {invocation.runs} runs after {invocation.warmup} warm-ups"


def _of_samples(process: wire.ProcessSamples) -> str:
    missing = process.facts[NOT_MEASURED]
    named = {
        "median": median(process.wall_ns),
        "mean": mean(process.wall_ns),
        "min": min(process.wall_ns),
        "max": max(process.wall_ns),
        "median on the device alone": median(process.device_ns) if process.device_ns else None,
        "load": None if "load_ns" in missing else process.load_ns,
    }
    times = ", ".join(f"{name} {_ms(value)}" for name, value in named.items())
    warmup = process.facts.get("warmup")
    return f"{times}; {len(process.wall_ns)} samples" + ("" if warmup is None else f" after {warmup} warm-ups")


def _executed(record: wire.Record) -> dict[str, str]:
    files = record.executed_files if isinstance(record, wire.SummaryRecord) else []
    names = ", ".join(f"{file.name} ({file.size_bytes:,} bytes)" for file in files)
    return {"executed": f"{names}, converted from it"} if files else {}


def _missing(record: wire.Record) -> Iterator[str]:
    yield from NEVER_IN_A_LOG
    if isinstance(record, wire.LatencyRecord):
        yield from ("first inference", "CPU time", "digest of the output")


def _flags(made: wire.SubmissionRequest, protocol: wire.Protocol) -> dict[str, str]:
    """Those that a site will show beside the value, and what would spare the ones for too little."""
    summary = report.summary_of(made, threads=protocol.threads, asked=protocol)
    flags = summary.flags if summary else []
    shown = report.flag_lines(flags)
    if FOR_TOO_LITTLE.isdisjoint(flag.key for flag in flags):
        return shown
    return shown | {
        "note": f"a site takes it with its flags, but not as a whole measurement by {protocol.slug}: for that, give "
        f"the outputs of {protocol.processes} invocations of {protocol.repeats} runs each as FILE FILE ..."
    }


def _file(number: int, facts: wire.Facts) -> str:
    return f"{number} {facts['imported_log']['file_name']}"


def _ms(ns: float | None) -> str:
    return "missing" if ns is None else f"{ns / NS_PER_MS:.4g} ms"
