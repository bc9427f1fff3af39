"""What a lab already has, the outputs of benchmark programs in files, as one record: what is not in them is missing."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from runners import __version__, record, wire
from runners.tools import messages
from runners.tools.base import Parsed, Samples, Summary, Tool
from runners.tools.claim import Claim
from runners.tools.reading import ToolOutputError
from runners.tools.setting import contradictions

LARGEST_BYTES = 64 * 1024**2
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""What a redirection in PowerShell begins with."""

NOT_STATED = "not stated"


class LogError(ValueError):
    """The files give no record; `str()` is one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Log:
    """What one invocation printed; `times` is the file of samples that it wrote beside, or None."""

    file_name: str
    sha256: str
    text: str
    ended_at: datetime
    has_stated_time: bool
    times: str | None = None

    def facts(self) -> wire.Facts:
        return {"file_name": self.file_name, "sha256": self.sha256}


def read_log(path: Path, *, times: Path | None = None, measured_at: datetime | None = None) -> Log:
    """Raises: `LogError`."""
    content = _content(path)
    written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Log(
        file_name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        text=_text(content),
        ended_at=measured_at or written_at,
        has_stated_time=measured_at is not None,
        times=None if times is None else _text(_content(times)),
    )


def imported(logs: Sequence[Log], tool: Tool, claim: Claim) -> wire.SubmissionRequest:
    """The record that `submit` sends: of a device that is stated, with nothing in it that nobody measured.

    Raises: `LogError`.
    """
    if refusal := claim.refusal():
        raise LogError(refusal)
    _check_each_is_another(logs)
    parsed = [_parsed(log, tool, claim) for log in logs]
    release = claim.release or _release(logs, tool)
    device = _device(claim, release)
    started_at, finished_at = _span(logs, parsed)
    try:
        made = wire.SubmissionRequest(
            model=claim.model,
            protocol_slug=claim.protocol.slug,
            protocol_version=claim.protocol.version,
            engine=claim.engine,
            engine_release=release,
            device_fingerprint=device.fingerprint,
            artifact_sha256=claim.artifact.sha256,
            runner_version=__version__,
            started_at=started_at,
            finished_at=finished_at,
            environment={"imported_log": _origin(logs, tool)},
            record=_record(logs, parsed, tool, claim, release),
            submission_id="0" * 32,
            device=device,
            artifact=claim.artifact,
        )
    except ValidationError as error:
        raise LogError(_what_is_wrong(error)) from error
    return record.identified(made)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise LogError(f"{path} has more than {LARGEST_BYTES} bytes: no output is that large.")
        return path.read_bytes()
    except OSError as error:
        raise LogError(f"{path} cannot be read: {error.strerror}. Give the file with the program's output.") from error


def _check_each_is_another(logs: Sequence[Log]) -> None:
    """Raises: `LogError`."""
    names: dict[str, str] = {}
    for log in logs:
        if log.sha256 in names:
            raise LogError(f"{log.file_name} and {names[log.sha256]} have the same content: give each invocation once.")
        names[log.sha256] = log.file_name


def _text(content: bytes) -> str:
    return content.decode("utf-16" if content.startswith(UTF_16) else "utf-8-sig", errors="replace")


def _parsed(log: Log, tool: Tool, claim: Claim) -> Parsed:
    """Raises: `LogError` for an output that cannot be read, and for one that was not measured as is stated."""
    try:
        parsed = tool.parse(log.text, warmup=claim.warmup, repeats=claim.repeats, times=log.times)
    except ToolOutputError as error:
        raise LogError(f"{log.file_name}: {error}") from error
    for each in contradictions(parsed.facts, claim.setting):
        raise LogError(
            f"You state {each.stated} for {log.file_name}, it says {each.printed}: name the --protocol that was "
            "followed, and the --device and --artifact as they were."
        )
    return parsed


def _release(logs: Sequence[Log], tool: Tool) -> str:
    printed = sorted({tool.release(log.text) for log in logs} - {""})
    if len(printed) > 1:
        raise LogError(
            f"The files name different releases, {' and '.join(printed)}: import those of one release together."
        )
    return printed[0] if printed else NOT_STATED


def _device(claim: Claim, release: str) -> wire.DeviceOffer:
    """The same for everybody who states the same, since nobody saw a serial number."""
    text = f"stated {claim.category} {claim.device}"
    try:
        return wire.DeviceOffer.model_validate(
            {
                "fingerprint": hashlib.sha256(text.encode()).hexdigest(),
                "category": claim.category,
                "kind_name": claim.device,
                "engines": [{"name": claim.engine, "release": release}],
                "facts": {"stated": True},
            }
        )
    except ValidationError as error:
        raise LogError(_what_is_wrong(error)) from error


def _span(logs: Sequence[Log], parsed: Sequence[Parsed]) -> tuple[datetime, datetime]:
    """From the first start to the last end; invocations run after one another, whatever the files' times say."""
    finished_at = max(log.ended_at for log in logs)
    starts = [_started_at(log, each) for log, each in zip(logs, parsed, strict=True)]
    return min(*starts, finished_at - _took(sum(map(_least_ns, parsed)))), finished_at


def _started_at(log: Log, parsed: Parsed) -> datetime:
    return log.ended_at - _took(_least_ns(parsed))


def _took(ns: float) -> timedelta:
    return timedelta(microseconds=math.ceil(ns / 1_000))


def _least_ns(parsed: Parsed) -> float:
    """What its own numbers say that it took."""
    init_ns = parsed.init.ns if parsed.init else 0.0
    if isinstance(parsed, Samples):
        return init_ns + sum(parsed.wall_ns)
    first_ns = parsed.first.ns if parsed.first else 0.0
    return init_ns + first_ns + (parsed.warmup + parsed.runs) * parsed.mean.ns


def _record(
    logs: Sequence[Log], parsed: Sequence[Parsed], tool: Tool, claim: Claim, release: str
) -> wire.SummaryRecord | wire.LatencyRecord:
    pairs = list(zip(logs, parsed, strict=True))
    processes = [
        messages.process_samples(each, started_at=_started_at(log, each), facts=_facts(log))
        for log, each in pairs
        if isinstance(each, Samples)
    ]
    if len(processes) == len(pairs):
        return messages.latency_record(processes)
    invocations = [
        messages.tool_summary(each, output=log.text, started_at=_started_at(log, each), facts=_facts(log))
        for log, each in pairs
        if isinstance(each, Summary)
    ]
    if processes:
        raise LogError("Some of the files have samples and some only a summary: give the --times of all or of none.")
    return messages.summary_record(
        invocations, tool=tool.name, tool_release=release, executed_files=claim.executed_files
    )


def _facts(log: Log) -> wire.Facts:
    return {"imported_log": log.facts()}


def _origin(logs: Sequence[Log], tool: Tool) -> wire.Facts:
    """Of the first file, and of the others under their own key."""
    first, *others = logs
    told = "stated" if first.has_stated_time else "time of the file"
    more = {"other_files": [log.facts() for log in others]} if others else {}
    return {"tool": tool.name, **first.facts(), "finished_at_from": told, **more}


def _what_is_wrong(error: ValidationError) -> str:
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or "the record"
    return f"{field} cannot be {str(first['input'])[:100]!r}: {first['msg']}."
