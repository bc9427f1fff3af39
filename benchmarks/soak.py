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
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import django
import httpx
import numpy as np
import psutil

from benchmarks.soak_fleet import LEASES
from runners.config import Config, StateFolder
from runners.zoo import catalogue
from zooboard.up.network import HOST, is_port_free
from zooboard.up.processes import Registry, lifeline

MODELS = (
    "MobileNetV1_x0_25",
    "MobileNetV2_x0_25",
    "MobileNetV3_small_x0_35",
    "MobileNetV3_small_x0_5",
    "MobileNetV3_large_x0_35",
    "ShuffleNetV2_x0_25",
    "ShuffleNetV2_x0_33",
    "ShuffleNetV2_x0_5",
)
"""The smallest: an agent reads an artifact again before every use, and the soak is not about disks."""
PROTOCOLS = tuple(f"soak-{number}" for number in range(4))
"""Short ones, so that the site has to do and not the stub."""
METRICS = ("latency", "cpu_time")
AGENTS_PER_PROCESS = 5
KILLED_SHARE = 0.05
COMES_BACK_AFTER_S = 5.0
SERVICES = {"web": 0.4, "valkey": 0.6}
"""Killed when this share of the runs is done."""
PAGES = ("/", "/runs", "/agents", "/models/MobileNetV1", "/api/v1/leaderboard/", "/api/v1/runs/")
PAGE_EVERY_S = 0.25
LONGEST_PAGE_P95_MS = 500
READY_WITHIN_S = 120
STUCK_AFTER_S = 240
"""Without one more finished run the soak gives up: longer than a lease, a sweep and a restart take together."""


@dataclass
class Visitor:
    """Reads one page after another, in a thread; what fails while the web process is away is counted apart."""

    site: str
    milliseconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    _leave: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def visiting(self) -> Iterator[None]:
        thread = threading.Thread(target=self._visit)
        thread.start()
        try:
            yield
        finally:
            self._leave.set()
            thread.join()

    def _visit(self) -> None:
        with httpx.Client(base_url=self.site, timeout=30, trust_env=False) as client:
            while not self._leave.wait(PAGE_EVERY_S):
                self._read(client, random.choice(PAGES))

    def _read(self, client: httpx.Client, page: str) -> None:
        started = perf_counter()
        try:
            status = client.get(page).status_code
        except httpx.TransportError as error:
            self.failures[type(error).__name__] += 1
            return
        if status != 200:
            self.failures[f"{page} {status}"] += 1
            return
        self.milliseconds.append((perf_counter() - started) * 1e3)


class Fleet:
    """Processes with a few agents each."""

    def __init__(self, groups: Sequence[Sequence[Path]]) -> None:
        self._groups = list(groups)
        self._processes = [self._start(group) for group in self._groups]

    def kill_one(self, index: int) -> None:
        """-9 for a process, and a new one in its place a little later."""
        self._processes[index].kill()
        self._processes[index].wait()
        sleep(COMES_BACK_AFTER_S)
        self._processes[index] = self._start(self._groups[index])

    def stop(self) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()

    @staticmethod
    def _start(group: Sequence[Path]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "benchmarks.soak_fleet", *map(str, group)]
        return subprocess.Popen(command, preexec_fn=lifeline(signal.SIGKILL))


@contextmanager
def site(root: Path) -> Iterator[tuple[str, Registry]]:
    """`make up` in a folder of its own; its address, and the processes that it keeps. Our Django is set up for it."""
    port = next(port for port in range(25000, 26000, 2) if is_port_free(port) and is_port_free(port + 1))
    state = root / "site"
    environment = {**os.environ, "ZOOBOARD_STATE": str(state)}
    command = [sys.executable, "-m", "zooboard.up", "up", "--port", str(port)]
    with (root / "site.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, preexec_fn=lifeline(signal.SIGTERM)
        )
    try:
        registry, url = Registry(state / "run"), f"http://{HOST}:{port}"
        _wait_until_ready(process, registry, root / "site.log")
        os.environ.update(
            _read_environment(state / "run" / "env"), DJANGO_SETTINGS_MODULE="zooboard.settings", LOG_LEVEL="WARNING"
        )
        django.setup()
        yield url, registry
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], registry: Registry, log: Path) -> None:
    """The local agent is the last that starts; it goes again, since it would only use the processor."""
    deadline = perf_counter() + READY_WITHIN_S
    while not any(record.name == "agent" for record in registry.records()):
        if process.poll() is not None or perf_counter() > deadline:
            raise RuntimeError(f"the site does not start: {log.read_text()[-2000:]}")
        sleep(0.2)


def _read_environment(path: Path) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in path.read_text().splitlines())
    return {name: value.strip("'") for name, value in pairs}


def prepare(root: Path, url: str, agents: int) -> tuple[str, list[Path]]:
    """Protocols, an owner's token and enrolled state folders that hold the artifacts."""
    from apps.accounts.actions import create_token
    from apps.accounts.models import Scope, User
    from apps.catalog.models import Protocol

    now = datetime.now(UTC)
    for slug in PROTOCOLS:
        Protocol.objects.create(
            slug=slug,
            title=slug,
            kind="latency",
            task="imagenet1k",
            metrics=METRICS,
            engines=["stub"],
            category="cpu",
            threads=1,
            precision="fp32",
            processes=1,
            warmup=2,
            repeats=10,
            min_duration_s=0,
        )
    owner = User.objects.get(username="owner")
    token = create_token(user=owner, name="soak", scopes=[Scope.DISPATCH], at=now)
    cache = _artifact_cache(root / "artifacts")
    return token, [_enrolled(root / "agents" / str(number), url, owner, cache) for number in range(agents)]


def _artifact_cache(folder: Path) -> Path:
    for model in MODELS:
        artifact = catalogue.artifact(model)
        (folder / artifact.sha256).mkdir(parents=True)
        catalogue.write(model, path=folder / artifact.sha256 / artifact.files[0].name)
    return folder


def _enrolled(folder: Path, url: str, owner: Any, cache: Path) -> Path:
    """As the site and `zooboard-runner enroll` do it, past the throttle: two hundred labs do not share an address."""
    from apps.fleet.actions import create_enrolment_code, enrol_agent
    from runners import __version__, wire

    now, state = datetime.now(UTC), StateFolder(folder)
    code = create_enrolment_code(owner=owner, at=now)
    name = f"soak-{folder.name}"
    agent, token = enrol_agent(request=wire.EnrolRequest(code=code, name=name, runner_version=__version__), at=now)
    state.create()
    state.save(Config(site=url, agent_id=agent.public_id, name=name, token=token, is_simulated=True))
    state.artifacts.rmdir()
    subprocess.run(["cp", "--recursive", "--link", str(cache), str(state.artifacts)], check=True)
    return folder


def ask(url: str, token: str, runs: int) -> int:
    """Campaigns over the API; how many runs they come to."""
    each = len(MODELS) * len(PROTOCOLS)
    order = {"models": MODELS, "protocols": PROTOCOLS, "engine": "stub"}
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False
    ) as client:
        for _ in range(campaigns := -(-runs // each)):
            client.post("/api/v1/campaigns/", json=order).raise_for_status()
    return campaigns * each


def break_things(fleet: Fleet, processes: int, registry: Registry, share_done: float, broken: list[str]) -> None:
    """Kill whatever is due at this share of the runs."""
    for name, due in SERVICES.items():
        if share_done >= due and name not in broken and _kill_service(registry, name):
            broken.append(name)
    to_kill = max(1, round(KILLED_SHARE * processes))
    killed = broken.count("fleet")
    if killed < to_kill and share_done >= (killed + 1) / (to_kill + 2):
        broken.append("fleet")
        fleet.kill_one(random.randrange(processes))


def _kill_service(registry: Registry, name: str) -> bool:
    """-9 for a service and all that it started: the supervisor has to notice and begin anew. False while it does."""
    record = next((record for record in registry.records() if record.name == name and record.is_alive()), None)
    if record is None:
        return False
    leader = psutil.Process(record.pid)
    for process in [*leader.children(recursive=True), leader]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    return True


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


def _finished() -> int:
    from apps.runs.models import OPEN_STATES, Run

    return Run.objects.filter(protocol__slug__in=PROTOCOLS).exclude(state__in=OPEN_STATES).count()


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


def report(visitor: Visitor, folders: Sequence[Path], runs: int, took_s: float) -> list[str]:
    """Print the figures; what is not accepted of them."""
    leases = [float(line) for folder in folders if (notes := folder / LEASES).exists() for line in notes.open()]
    pages_ms, leases_ms = (np.quantile(values, (0.5, 0.95, 0.99)) for values in (visitor.milliseconds, leases))
    print(f"{runs} runs in {took_s:.0f} s: {runs / took_s:.1f} runs/s")
    print(f"lease: p50 {leases_ms[0]:.0f} ms, p95 {leases_ms[1]:.0f} ms, p99 {leases_ms[2]:.0f} ms of {len(leases)}")
    print(
        f"pages: p50 {pages_ms[0]:.0f} ms, p95 {pages_ms[1]:.0f} ms, p99 {pages_ms[2]:.0f} ms of "
        f"{len(visitor.milliseconds)}; while processes were away: {dict(visitor.failures) or 'no failure'}"
    )
    return [] if pages_ms[1] < LONGEST_PAGE_P95_MS else [f"pages' p95 is above {LONGEST_PAGE_P95_MS} ms"]


def soak(root: Path, agents: int, runs: int, cleanup: ExitStack) -> list[str]:
    """What is not accepted; empty when all is well."""
    url, registry = cleanup.enter_context(site(root))
    token, folders = prepare(root, url, agents)
    groups = [folders[first : first + AGENTS_PER_PROCESS] for first in range(0, agents, AGENTS_PER_PROCESS)]
    asked = ask(url, token, runs)
    started, fleet, visitor = perf_counter(), Fleet(groups), Visitor(url)
    cleanup.callback(fleet.stop)
    with visitor.visiting():
        wait(fleet, len(groups), registry, asked)
    took_s = perf_counter() - started
    return judge(asked) + report(visitor, folders, asked, took_s)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zooboard-soak-") as root, ExitStack() as cleanup:
        problems = soak(Path(root), arguments.agents, arguments.runs, cleanup)
    print("accepted" if not problems else f"NOT accepted: {'; '.join(problems)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
