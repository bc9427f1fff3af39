"""Does a site lose or double anything when everything around it breaks? `python -m benchmarks.soak`

One `make up` in a folder of its own. A fleet of simulated agents, which are the real agent with a stub for hardware,
executes campaigns that were asked for over the API. Meanwhile processes of the fleet are killed with -9 until 5 % of
the agents were, and come back seconds later as a service manager would bring them back; the web process and Valkey are
killed with -9 once each; and a visitor reads pages all the time.

Exits 1 unless every run is done, or failed with its reason, by exactly one accepted attempt with exactly its values,
and the 95th percentile of the pages is below 500 ms.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, sleep, time

from benchmarks.site import kill_service, site
from benchmarks.soak.fleet import Fleet
from benchmarks.soak.judging import judge, report
from benchmarks.soak.preparing import PROTOCOLS, ask, prepare
from benchmarks.soak.visitor import Visitor
from zooboard.up.processes import Registry

AGENTS_PER_PROCESS = 5
KILLED_SHARE = 0.05
SERVICES = {"web": 0.4, "valkey": 0.6}
"""Killed when this share of the runs is done."""
STUCK_AFTER_S = 240
"""Without one more finished run the soak gives up: longer than a lease, a sweep and a restart take together."""


def break_things(fleet: Fleet, processes: int, registry: Registry, share_done: float, broken: list[str]) -> None:
    """Kill whatever is due at this share of the runs."""
    for name, due in SERVICES.items():
        if share_done >= due and name not in broken and kill_service(registry, name):
            broken.append(name)
    to_kill = max(1, round(KILLED_SHARE * processes))
    killed = broken.count("fleet")
    if killed < to_kill and share_done >= (killed + 1) / (to_kill + 2):
        broken.append("fleet")
        fleet.kill_one(random.randrange(processes))


def wait(fleet: Fleet, processes: int, registry: Registry, runs: int) -> None:
    """Until every run is over, breaking things on the way."""
    broken: list[str] = []
    before, moved_at = -1, perf_counter()
    while (done := _finished()) < runs:
        if done != before:
            before, moved_at = done, perf_counter()
        if perf_counter() - moved_at > STUCK_AFTER_S:
            print(f"stuck at {done} of {runs} runs for {STUCK_AFTER_S} s", flush=True)
            return
        break_things(fleet, processes, registry, done / runs, broken)
        sleep(0.5)


def when_queued(runs: int) -> float:
    """Wait until all campaigns are expanded; when that was, as Unix time."""
    from apps.runs.models import Run

    while Run.objects.filter(protocol__slug__in=PROTOCOLS).count() < runs:
        sleep(0.2)
    return time()


def _finished() -> int:
    from apps.runs.models import OPEN_STATES, Run

    return Run.objects.filter(protocol__slug__in=PROTOCOLS).exclude(state__in=OPEN_STATES).count()


def soak(root: Path, agents: int, runs: int, run_s: float, cleanup: ExitStack) -> list[str]:
    """What is not accepted; empty when all is well."""
    url, registry = cleanup.enter_context(site(root))
    token, folders = prepare(root, url, agents)
    groups = [folders[first : first + AGENTS_PER_PROCESS] for first in range(0, agents, AGENTS_PER_PROCESS)]
    fleet, visitor = Fleet(groups, run_s), Visitor(url)
    cleanup.callback(fleet.stop)
    started = perf_counter()
    with visitor.visiting():
        asked = ask(url, token, runs)
        queued_at = when_queued(asked)
        wait(fleet, len(groups), registry, asked)
    took_s = perf_counter() - started
    return judge(asked) + report(visitor, folders, asked, took_s, queued_at)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5_000)
    parser.add_argument(
        "--run-seconds",
        type=float,
        default=40,
        help="how long a simulated device takes; the published protocols take from 20 s to several minutes",
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zooboard-soak-") as root, ExitStack() as cleanup:
        problems = soak(Path(root), arguments.agents, arguments.runs, arguments.run_seconds, cleanup)
    print("accepted" if not problems else f"NOT accepted: {'; '.join(problems)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
