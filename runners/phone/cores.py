"""Which cores of a phone a program is kept on, and whether they ran as fast as they can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from runners.phone.facts import PhoneFacts
from runners.phone.sampler import Sample
from runners.supervise import AttemptFailed
from runners.wire import Facts, FailureKind

FAST_CORES = 4
"""A protocol with more than one thread gets the four fastest: f0 on a Snapdragon 855, whose prime core is 80."""
THROTTLED_BELOW = 0.95
"""Share of the highest frequency: governors step by more, rounding and measuring by less."""
LEAST_READINGS = 3
"""While the program runs: of fewer, one before the governor woke or after the program ended would decide."""


def mask_for(threads: int, facts: PhoneFacts) -> str:
    """The mask in hexadecimal as `taskset` takes it: the fastest core for one thread.

    Raises: `AttemptFailed` for more threads than there are cores.
    """
    ranked = _fastest_first(facts.frequencies_khz)
    if threads > len(ranked):
        reason = f"The protocol asks for {threads} threads, one per core; the phone tells of {len(ranked)} cores."
        raise AttemptFailed(FailureKind.USER, reason)
    return _mask(ranked[: 1 if threads == 1 else max(threads, FAST_CORES)])


def watched_mask(mask: str, facts: PhoneFacts, *, chooses_cores: bool) -> str:
    """The cores that a program may use: of the mask, or any fast one where it chooses by itself."""
    return _mask(_fastest_first(facts.frequencies_khz)[:FAST_CORES]) if chooses_cores else mask


def little_mask(facts: PhoneFacts) -> str:
    """The cores that no program of ours is kept on, for everything else; all of them where there are too few."""
    ranked = _fastest_first(facts.frequencies_khz)
    return _mask(ranked[FAST_CORES:] or ranked)


@dataclass(frozen=True, slots=True)
class Clock:
    """One core's frequency against the highest that it has, both in kHz."""

    khz: int
    highest_khz: int

    @property
    def share(self) -> float:
        return self.khz / self.highest_khz

    @property
    def is_low(self) -> bool:
        return self.share < THROTTLED_BELOW


@dataclass(frozen=True, slots=True)
class Clocks:
    """What was read of the clock around one invocation.

    `permitted` is the lowest that the phone allowed a core at any time: heat lowers it, an idle governor does not.
    `busy` are frequencies that the program had: one per reading while it ran, of the fastest core.
    """

    permitted: Clock | None
    busy: Sequence[Clock]

    @property
    def typical(self) -> Clock | None:
        """The median, which neither the start of the program nor its end decides."""
        return sorted(self.busy, key=_by_share)[len(self.busy) // 2] if self.busy else None

    @property
    def is_throttled(self) -> bool | None:
        """None where too little was read to say that it was not."""
        if self.permitted is not None and self.permitted.is_low:
            return True
        if self.typical is None or len(self.busy) < LEAST_READINGS:
            return None
        return self.typical.is_low

    def facts(self) -> Facts:
        return {
            "is_throttled": self.is_throttled,
            "frequency_min_khz": min((clock.khz for clock in self.busy), default=None),
            "clock": {
                "readings": len(self.busy),
                "permitted_khz": self.permitted.khz if self.permitted else None,
                "permitted_of_khz": self.permitted.highest_khz if self.permitted else None,
                "median_khz": self.typical.khz if self.typical else None,
                "median_of_khz": self.typical.highest_khz if self.typical else None,
            },
        }


def clocks(samples: Iterable[Sample], highest_khz: Mapping[int, int]) -> Clocks:
    """A governor lets idle cores sleep: all of them between invocations, all but one while a program loads.

    So frequencies count while the program runs only, and of each reading that of the fastest core.
    """
    permitted, busy = [], []
    for sample in samples:
        permitted += _against(sample.permitted_khz, highest_khz)
        busy += _against(sample.frequencies_khz, highest_khz)[-1:] if sample.is_running else []
    return Clocks(permitted=min(permitted, key=_by_share, default=None), busy=busy)


def _by_share(clock: Clock) -> tuple[float, int]:
    """Slowest first, and of equals the fastest core, by which people know a phone."""
    return clock.share, -clock.highest_khz


def _against(frequencies_khz: Mapping[int, int], highest_khz: Mapping[int, int]) -> list[Clock]:
    """Sorted by their shares, the lowest first."""
    known = [Clock(khz, highest_khz[core]) for core, khz in frequencies_khz.items() if highest_khz.get(core)]
    return sorted(known, key=_by_share)


def _fastest_first(frequencies_khz: Mapping[int, int]) -> list[int]:
    return sorted(frequencies_khz, key=lambda core: (frequencies_khz[core], core), reverse=True)


def _mask(cores: Iterable[int]) -> str:
    return f"{sum(1 << core for core in cores):02x}"
