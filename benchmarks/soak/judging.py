"""What came out: what was lost or doubled, and how fast leases and pages were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.soak.agents import LEASES
from benchmarks.soak.preparing import METRICS, PROTOCOLS
from benchmarks.soak.visitor import Visitor

LONGEST_PAGE_P95_MS = 500


def judge(runs: int) -> list[str]:
    """Whatever was lost or doubled, in sentences."""
    from django.db.models import Count, Q

    from apps.results.models import Result
    from apps.runs.models import AttemptState, Run, RunState

    states = Counter(Run.objects.filter(protocol__slug__in=PROTOCOLS).values_list("state", flat=True))
    print(f"runs: {dict(states)}")
    ours = Run.objects.filter(protocol__slug__in=PROTOCOLS)
    accepted = Count("attempts", filter=Q(attempts__state=AttemptState.ACCEPTED))
    counted = ours.annotate(accepted=accepted)
    lost = ours.filter(state__in=[RunState.QUEUED, RunState.ACTIVE]).count() + runs - ours.count()
    doubled = counted.filter(state=RunState.DONE).exclude(accepted=1).count()
    values = Result.objects.filter(configuration__protocol__slug__in=PROTOCOLS).count()
    problems = {
        "runs lost": lost,
        "runs done by another number of accepted attempts than one": doubled,
        "runs failed without a reason": ours.filter(state=RunState.FAILED, failure="").count(),
        "values too many or missing": abs(values - len(METRICS) * states[RunState.DONE]),
    }
    print(", ".join(f"{count} {what}" for what, count in problems.items()))
    return [f"{count} {what}" for what, count in problems.items() if count]


def report(visitor: Visitor, folders: Sequence[Path], runs: int, took_s: float, queued_at: float) -> list[str]:
    """Print the figures; what is not accepted of them.

    An agent that asks before anything is queued waits for work and not for the site, so only what was asked for later
    says how fast a lease is. Units: seconds; `queued_at` is Unix time.
    """
    notes = [tuple(map(float, line.split())) for folder in folders for line in _lines(folder / LEASES)]
    print(f"{runs} runs in {took_s:.0f} s: {runs / took_s:.1f} runs/s")
    print(f"lease: {_quantiles([milliseconds for asked_at, milliseconds in notes if asked_at >= queued_at])}")
    print(f"lease, while the campaigns were expanded too: {_quantiles([milliseconds for _, milliseconds in notes])}")
    for page, milliseconds in visitor.milliseconds.items():
        print(f"{page}: {_quantiles(milliseconds)}")
    pages = [value for milliseconds in visitor.milliseconds.values() for value in milliseconds]
    print(f"pages: {_quantiles(pages)}; while processes were away: {dict(visitor.failures) or 'no failure'}")
    is_slow = np.quantile(pages, 0.95) >= LONGEST_PAGE_P95_MS
    return [f"pages' p95 is not below {LONGEST_PAGE_P95_MS} ms"] if is_slow else []


def _lines(path: Path) -> list[str]:
    """Without the last one where a kill cut it off; none where the agent got no lease."""
    return [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")] if path.exists() else []


def _quantiles(milliseconds: Sequence[float]) -> str:
    p50, p95, p99 = np.quantile(milliseconds, (0.5, 0.95, 0.99))
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms of {len(milliseconds)}"
