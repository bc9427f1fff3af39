"""When a campaign will be over, from the runs that it finished itself. Pure; an estimate, and said to be one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ROUND_TO = timedelta(minutes=1)
Lane = tuple[int | None, str]
"""What a run wants to be executed on: device kind and category. Devices of one lane share its runs."""


@dataclass(frozen=True)
class Pace:
    """How fast one device was: mean duration of its accepted attempts."""

    lane: Lane
    device: int
    runs: int
    mean: timedelta


@dataclass(frozen=True)
class Estimate:
    """`basis` says in a sentence what the time follows from."""

    ends_at: datetime
    basis: str


def estimate_end(waiting: dict[Lane, int], paces: Sequence[Pace], *, at: datetime) -> Estimate | None:
    """The end if the devices that finished runs go on as they did; None where nothing says so.

    `waiting` counts the runs of each lane that are not over and not blocked. Lanes go on side by side.
    """
    known = {lane: count for lane, count in waiting.items() if count and any(p.lane == lane for p in paces)}
    if not known:
        return None
    longest = max(_lane_time(count, [p for p in paces if p.lane == lane]) for lane, count in known.items())
    unknown = sum(waiting.values()) - sum(known.values())
    return Estimate(_rounded(at + longest), _basis(paces, unknown))


def _lane_time(count: int, paces: Sequence[Pace]) -> timedelta:
    runs_per_s = sum(1 / max(pace.mean.total_seconds(), 0.001) for pace in paces)
    return timedelta(seconds=count / runs_per_s)


def _rounded(at: datetime) -> datetime:
    """Up to the next whole minute: more would pretend to know."""
    return at + (datetime.min.replace(tzinfo=at.tzinfo) - at) % ROUND_TO


def _basis(paces: Sequence[Pace], unknown: int) -> str:
    runs = sum(pace.runs for pace in paces)
    mean_s = sum(pace.runs * pace.mean.total_seconds() for pace in paces) / runs
    finished = _counted(runs, "finished run")
    devices = _counted(len({pace.device for pace in paces}), "device")
    text = f"Estimated from {finished} on {devices}, {mean_s:,.0f} s each on average, as if nothing else came between."
    if not unknown:
        return text
    return f"{text} Not included: {unknown} on devices of which none has finished a run."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"
