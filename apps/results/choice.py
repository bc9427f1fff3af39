"""Which result fills a cell: one pure function, for the incremental board table and for its recomputation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Candidate:
    """What the choice depends on. `at` is when a run was measured, or when a published table was read."""

    result_id: int
    value: Decimal
    trust_tier: int
    is_flagged: bool
    is_simulated: bool
    is_withdrawn: bool
    at: datetime
    device_id: int | None


@dataclass(frozen=True)
class Cell:
    """`device_count` physical devices stand behind it; the values of all of them lie in value_min..value_max."""

    result_id: int
    device_count: int
    value_min: Decimal
    value_max: Decimal


def choose(candidates: Iterable[Candidate]) -> Cell | None:
    """The newest standing result: higher trust tier first, then unflagged before flagged. None without one.

    The range is over the values that are not withdrawn or simulated, at the chosen trust tier.
    """
    standing = [c for c in candidates if not c.is_simulated and not c.is_withdrawn]
    if not standing:
        return None
    best = max(standing, key=lambda c: (c.trust_tier, not c.is_flagged, c.at, c.result_id))
    peers = [c for c in standing if c.trust_tier == best.trust_tier]
    values = [c.value for c in peers]
    devices = {c.device_id for c in peers if c.device_id is not None}
    return Cell(best.result_id, len(devices), min(values), max(values))
