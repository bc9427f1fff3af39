"""What a phone or a GPU says of itself while it is measured: its clock, its temperature, its battery."""

from collections import Counter
from collections.abc import Sequence

MAX_WARMER_C = 10.0
"""Above the temperature at rest. Agents wait until a phone is within 8 degrees of it; a slow sensor may add to that."""

MIN_BATTERY_PERCENT = 30.0
"""Below it phones begin to save power."""

BENIGN_REASONS = frozenset({"", "none", "gpu idle", "applications clocks setting"})
"""What a driver gives as a reason though nothing slows the GPU down: nothing to do, or a clock that was asked for."""


def find_throttled(is_throttled: Sequence[bool], throttle_reasons: Sequence[Sequence[str]]) -> str | None:
    """The clock was lowered in one process at least.

    Shapes: `is_throttled` has one entry per process of a phone that says so or not; `throttle_reasons` one per process
    of a GPU that had any.
    """
    if any(is_throttled):
        return (
            f"{sum(is_throttled)} of {len(is_throttled)} processes ran more than 5 % below the highest clock frequency."
        )
    if throttle_reasons:
        named = Counter(reason for reasons in throttle_reasons for reason in dict.fromkeys(reasons))
        counts = ", ".join(f"{reason} ({count}×)" for reason, count in sorted(named.items()))
        return f"The GPU lowered its clock in {len(throttle_reasons)} processes: {counts}."
    return None


def find_hot_start(warmer_by_c: Sequence[float]) -> str | None:
    """A process began while the phone was much warmer than at rest. `warmer_by_c` holds one per process."""
    highest = max(warmer_by_c, default=0.0)
    if highest <= MAX_WARMER_C:
        return None
    return f"A process began {highest:.0f} °C above the temperature at rest."


def find_low_battery(battery_percents: Sequence[float]) -> str | None:
    """A process began with little charge. `battery_percents` holds one per process."""
    lowest = min(battery_percents, default=MIN_BATTERY_PERCENT)
    if lowest >= MIN_BATTERY_PERCENT:
        return None
    return f"The battery was at {lowest:.0f} %."


def check_not_always_throttled(is_throttled: Sequence[bool], low_clocks: Sequence[str], processes: int) -> str | None:
    """A phone that was throttled in all of its processes says nothing of the speed of its kind.

    `low_clocks`: what its clocks were, in words, as far as they are known.
    """
    if not is_throttled or sum(is_throttled) < processes:
        return None
    shown = f" ({'; '.join(dict.fromkeys(low_clocks))})" if low_clocks else ""
    return f"The phone ran below its clock all the time{shown}: let it cool down, charge it, and measure again."
