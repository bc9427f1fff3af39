"""Whether a result was measured under its lease, and its parts when it was, by clocks that need not agree."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from apps.runs.models import Attempt
from runners import wire

TOLERANCE = timedelta(minutes=5)
"""Beyond what the site knows of the agent's clock: a message may be on its way for a while."""


def time_problems(attempt: Attempt, message: wire.ResultRequest) -> list[str]:
    """Why the stated times cannot be those of the lease; wants the attempt's agent loaded.

    The site knows how far off the agent's clock was at the lease and at its last contact. NTP may set that clock in
    between, and an honest agent cannot undo what it wrote before: each time may be by either of the two.
    """
    ended_at = attempt.ended_at or attempt.expires_at
    # Subtracted from each other, for a bound that is moved by an absurd clock may lie outside of the calendar.
    after_lease_s = (message.started_at - attempt.leased_at).total_seconds()
    after_end_s = (message.finished_at - ended_at).total_seconds()
    skews_s, tolerance_s = _skews_s(attempt), TOLERANCE.total_seconds()
    problems = []
    if after_lease_s < min(skews_s) - tolerance_s:
        early = timedelta(seconds=round(min(skews_s) - after_lease_s))
        problems.append(f"It was started {early} before its lease, {_ADVICE}")
    if after_end_s > max(skews_s) + tolerance_s:
        late = timedelta(seconds=round(after_end_s - max(skews_s)))
        problems.append(f"It was finished {late} after it arrived, {_ADVICE}")
    return problems


def start_problems(message: wire.Measured, record: wire.LatencyRecord | wire.SummaryRecord) -> list[str]:
    """Why a process or an invocation was not started in the time that the whole record states of itself.

    The first one that was not says enough. NTP may set the agent's clock between two of them.
    """
    parts: Sequence[wire.ProcessSamples | wire.ToolSummary] = (
        record.processes if isinstance(record, wire.LatencyRecord) else record.invocations
    )
    earliest, latest = message.started_at, message.finished_at
    for number, part in enumerate(parts, start=1):
        if not -TOLERANCE <= part.started_at - earliest <= latest - earliest + TOLERANCE:
            name = "Process" if isinstance(part, wire.ProcessSamples) else "Invocation"
            return [
                f"{name} {number} was started {_shown(part.started_at)}, the whole from {_shown(earliest)} to "
                f"{_shown(latest)}: send what was measured then, with the times at which it was."
            ]
    return []


def _shown(time: datetime) -> str:
    """In its own zone, since one that an absurd clock gives may have no other within the calendar."""
    return time.isoformat(sep=" ", timespec="seconds")


_ADVICE = "by the agent's clock as the site knows it: measure under the lease, and set the machine's clock with NTP."


def _skews_s(attempt: Attempt) -> list[float]:
    """The agent's clock minus the site's, each time that it was noted; no skew where nobody noted one."""
    noted = [skew for skew in (attempt.clock_skew_s, attempt.agent.clock_skew_s) if skew is not None]
    return noted or [0.0]
