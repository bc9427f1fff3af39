"""Histories of one model on one device, measured run by run."""

from collections.abc import Sequence
from datetime import timedelta

from apps.accounts.models import User
from apps.results.models import Result
from runners import wire
from tests.factories import NOW, device_offer, latency_record, make_leased, make_user, measure_latency, result_message

OLD, NEW = "1.2.3", "1.3.0"
BEFORE, AFTER = 14, 9
FASTER_MS, SLOWER_MS = 10.0, 11.2
WOBBLE = (0.0, 0.004, -0.003, 0.001, -0.004, 0.003, -0.001)
"""Relative, by turns: the spread of the history."""


def measure_history(
    levels_ms: Sequence[float],
    *,
    releases: Sequence[str],
    owner: User | None = None,
    device: wire.DeviceOffer | None = None,
) -> list[Result]:
    """The latencies of a run a day with these medians, but for a wobble, and releases of the engine; oldest first."""
    owner, device = owner or make_user(), device or device_offer()
    found = []
    for day, (level_ms, release) in enumerate(zip(levels_ms, releases, strict=True)):
        at = NOW + timedelta(days=day)
        attempt = make_leased(owner=owner, device=device, at=at)
        record = latency_record(median_ms=level_ms * (1 + WOBBLE[day % len(WOBBLE)]), seed=day)
        message = result_message(attempt, record, at=at).model_copy(
            update={"engine_release": release, "environment": {"cpu": {"logical_cores": 8}, "state": {"turn": day}}}
        )
        found.append(measure_latency(attempt, message, at=at))
    return found


def measure_slower_release(*, owner: User | None = None, device: wire.DeviceOffer | None = None) -> list[Result]:
    """The level changes with the engine's release."""
    return measure_history(
        [FASTER_MS] * BEFORE + [SLOWER_MS] * AFTER,
        releases=[OLD] * BEFORE + [NEW] * AFTER,
        owner=owner,
        device=device,
    )
