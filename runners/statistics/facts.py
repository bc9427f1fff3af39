"""What is believed of the facts beside samples, which are the agent's own words and may be anything."""

from collections.abc import Sequence

from runners.statistics.device import BENIGN_REASONS
from runners.statistics.flags import DeviceState, HostState
from runners.wire import Facts

LARGEST_FACT = 1e12
"""Beyond it, or infinite, or no number at all, a fact is not believed."""

MOST_REASONS = 10
KHZ_PER_GHZ = 1e6
FULL_CLOCK = 0.95
"""Share of the highest clock from which on nobody calls it throttled."""

NOT_MEASURED = "not_measured"
"""Fact of a process that names the fields whose value only fills a place; they are missing, not 0."""


def number(facts: Facts, *path: str) -> float | None:
    """A finite number, or the first of a list, at this path."""
    value: object = facts
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST_FACT:
        return None
    return float(value)


def logical_cores(environment: Facts) -> int | None:
    """As an attempt's environment says; None where it does not."""
    cores = number(environment, "cpu", "logical_cores")
    return None if cores is None else int(cores)


def host_state(facts: Sequence[Facts], cores: int | None) -> HostState:
    """Of the machine whose core executes the network. `facts` holds those of each process."""
    return HostState(
        load_averages=[load for f in facts if (load := number(f, "before", "load_average")) is not None],
        stolen_cores=_per_second(facts, "steal_s"),
        core_shares=_per_second(facts, "core_others_s"),
        neighbour_cores=_neighbour_cores(facts),
        logical_cores=cores,
    )


def device_state(facts: Sequence[Facts]) -> DeviceState:
    """Of a phone or a GPU. `facts` holds those of each process, or invocation."""
    return DeviceState(
        is_throttled=[said for f in facts if isinstance(said := f.get("is_throttled"), bool)],
        low_clocks=[clock for f in facts if f.get("is_throttled") is True and (clock := _low_clock(f))],
        throttle_reasons=[reasons for f in facts if (reasons := _throttle_reasons(f))],
        warmer_by_c=_warmer_by_c(facts),
        battery_percents=[level for f in facts if (level := number(f, "battery_percent")) is not None],
    )


def was_measured(facts: Facts, field: str) -> bool:
    missing = facts.get(NOT_MEASURED)
    return not isinstance(missing, list) or field not in missing


def output_stability(facts: Sequence[Facts]) -> list[bool]:
    return [said for f in facts if isinstance(said := f.get("is_output_stable"), bool)]


def _low_clock(facts: Facts) -> str:
    """Of a phone: what it permitted, or how fast it ran where it permitted everything; empty where neither is known."""
    for key, words in (("permitted", "at most {} of {} GHz permitted"), ("median", "{} of {} GHz in the median")):
        khz, of_khz = number(facts, "clock", f"{key}_khz"), number(facts, "clock", f"{key}_of_khz")
        if khz is not None and of_khz is not None and khz < of_khz * FULL_CLOCK:
            return words.format(f"{khz / KHZ_PER_GHZ:.2f}", f"{of_khz / KHZ_PER_GHZ:.2f}")
    return ""


def _throttle_reasons(facts: Facts) -> list[str]:
    """Of a GPU: those that slow it down below what it was asked for."""
    reasons = facts.get("throttle_reasons")
    if not isinstance(reasons, list):
        return []
    words = [reason.replace("_", " ").lower() for reason in reasons[:MOST_REASONS] if isinstance(reason, str)]
    return [word[:60] for word in words if word not in BENIGN_REASONS]


def _warmer_by_c(facts: Sequence[Facts]) -> list[float]:
    """At the start of each process, against the stated temperature at rest, else against the coolest start."""
    starts = [(number(f, "temperature_before_c"), number(f, "baseline_c")) for f in facts]
    coolest = min((start for start, _ in starts if start is not None), default=0.0)
    return [start - (coolest if rest is None else rest) for start, rest in starts if start is not None]


def _per_second(facts: Sequence[Facts], key: str) -> list[float]:
    """Seconds per second of the timed loop, of every process that says both."""
    said = [(number(f, "loop", key), number(f, "loop", "elapsed_s")) for f in facts]
    return [seconds / elapsed_s for seconds, elapsed_s in said if seconds is not None and elapsed_s]


def _neighbour_cores(facts: Sequence[Facts]) -> list[float]:
    """What others used of the host less what they used of the cores measured on."""
    said = [[number(f, "loop", key) for key in ("others_cpu_s", "core_others_s", "elapsed_s")] for f in facts]
    return [(others - (shared or 0.0)) / elapsed for others, shared, elapsed in said if others is not None and elapsed]
