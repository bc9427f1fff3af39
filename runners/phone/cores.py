"""Which cores of a phone a program is kept on, and whether they ran as fast as they can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runners.phone.facts import PhoneFacts
from runners.supervise import AttemptFailed
from runners.wire import FailureKind

FAST_CORES = 4
"""A protocol with more than one thread gets the four fastest: f0 on a Snapdragon 855, whose prime core is 80."""
THROTTLED_BELOW = 0.95
"""Share of the highest frequency: governors step by more, rounding and measuring by less."""


def mask_for(threads: int, facts: PhoneFacts) -> str:
    """The mask in hexadecimal as `taskset` takes it: the fastest core for one thread.

    Raises: `AttemptFailed` for more threads than there are cores.
    """
    ranked = _fastest_first(facts.frequencies_khz)
    if threads > len(ranked):
        reason = f"The protocol asks for {threads} threads, one per core; the phone tells of {len(ranked)} cores."
        raise AttemptFailed(FailureKind.USER, reason)
    return _mask(ranked[: 1 if threads == 1 else max(threads, FAST_CORES)])


def little_mask(facts: PhoneFacts) -> str:
    """The cores that no program of ours is kept on, for everything else; all of them where there are too few."""
    ranked = _fastest_first(facts.frequencies_khz)
    return _mask(ranked[FAST_CORES:] or ranked)


def is_throttled(
    frequencies: Iterable[Mapping[int, int]], highest_khz: Mapping[int, int], *, threads: int
) -> bool | None:
    """Whether a core that was busy ran slower than it can; None where no frequency was read.

    As many cores as there are threads are busy, the fastest of each sample: a governor lets an idle core sleep.
    """
    shares = [_share(sample, highest_khz, threads) for sample in frequencies if sample]
    known = [share for share in shares if share is not None]
    return min(known) < THROTTLED_BELOW if known else None


def _share(sample: Mapping[int, int], highest_khz: Mapping[int, int], threads: int) -> float | None:
    shares = sorted((khz / highest_khz[core] for core, khz in sample.items() if highest_khz.get(core)), reverse=True)
    return shares[min(threads, len(shares)) - 1] if shares else None


def _fastest_first(frequencies_khz: Mapping[int, int]) -> list[int]:
    return sorted(frequencies_khz, key=lambda core: (frequencies_khz[core], core), reverse=True)


def _mask(cores: Iterable[int]) -> str:
    return f"{sum(1 << core for core in cores):02x}"
