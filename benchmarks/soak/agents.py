"""One process of the soak's fleet, an agent for each folder: `python -m benchmarks.soak.agents SECONDS FOLDER ...`

The agents are the real ones of `runners.agent`, each in a thread with a state folder, token, spool and client of its
own. Their devices are simulated: the stub engine spins in this process, where a real device would load an engine in
children. A run takes so many seconds, most of them asleep: a device elsewhere costs nothing here while it measures.
Nothing here is cleaned up on the way out, since the soak ends some of these processes by kill -9.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, time

from runners import environment, wire
from runners.agent import Agent
from runners.artifacts import ArtifactCache
from runners.attempt import Workbench
from runners.client import SiteClient
from runners.config import StateFolder
from runners.console import Console
from runners.drain import Drain
from runners.execute import Execution
from runners.hardware.base import Hardware
from runners.hardware.roster import Roster
from runners.latency import latency_record
from runners.machine import fingerprint
from runners.orders import ChildOrder, DatasetSource
from runners.process import measure_process
from runners.quiet import BusyHost
from runners.spool import Spool

ENGINE = wire.EngineOffer(name="stub", release="1")
KIND = "Soaked CPU"
NICENESS = 19
AUTOGROUP = Path("/proc/self/autogroup")
LEASES = "leases.txt"
"""In a state folder, of each lease: when it was asked for (Unix time), and milliseconds until its answer was read."""


class StubDevice(Hardware):
    """A simulated CPU that measures in this very process."""

    def __init__(self, name: str, run_s: float) -> None:
        self._name, self._run_s = name, run_s
        self._offer = wire.DeviceOffer(
            fingerprint=fingerprint(name, "simulated", KIND),
            category="cpu",
            kind_name=KIND,
            is_simulated=True,
            engines=[ENGINE],
        )

    @property
    def key(self) -> str:
        return f"cpu:{self._name}"

    @property
    def label(self) -> str:
        return self._name

    def offer(self) -> wire.DeviceOffer:
        return self._offer

    def measure(
        self,
        order: wire.RunOrder,
        *,
        artifact_dir: Path,
        work_dir: Path,
        kept_dir: Path,
        on_progress: Callable[[wire.Progress], None],
        should_stop: threading.Event,
        busy_host: BusyHost,
        images: DatasetSource | None,
    ) -> Execution:
        started_at = datetime.now(UTC)
        here = ChildOrder(
            order=order,
            artifact_dir=artifact_dir,
            seed=0,
            cpus=[],
            answer_path=work_dir / "unused",
            error_path=work_dir / "unused",
            parent_pid=os.getpid(),
        )
        processes = [measure_process(here, "not pinned") for _ in range(order.protocol.processes)]
        should_stop.wait(self._run_s)
        return Execution(
            record=latency_record(processes, None),
            engine_release=ENGINE.release,
            environment=environment.facts(),
            started_at=started_at,
            finished_at=datetime.now(UTC),
        )

    def self_check(self) -> tuple[bool, str]:
        return True, "It is simulated."


class TimedClient(SiteClient):
    """Notes how long each lease took."""

    def __init__(self, site: str, token: str, notes: Path) -> None:
        super().__init__(site, token)
        self._notes = notes

    def lease(self, lease_url: str, request: wire.LeaseRequest) -> wire.LeaseAnswer | None:
        asked_at, started = time(), perf_counter()
        answer = super().lease(lease_url, request)
        if answer is not None:
            with self._notes.open("a") as file:
                file.write(f"{asked_at:.3f} {(perf_counter() - started) * 1e3:.2f}\n")
        return answer


class SilentConsole(Console):
    """Two hundred agents would drown the one line that matters."""

    def say(self, line: str) -> None:
        pass

    def show(self, order: wire.RunOrder, device: wire.DeviceOffer, progress: wire.Progress) -> None:
        pass


def agent(root: Path, run_s: float) -> Agent:
    """The agent of a state folder that the soak enrolled. Units: seconds that a run takes."""
    folder = StateFolder(root)
    folder.create()
    config = folder.load()
    client, console = TimedClient(config.site, config.token, root / LEASES), SilentConsole(is_live=False)
    return Agent(
        Workbench(
            client=client,
            spool=Spool(folder.spool, folder.rejected),
            artifacts=ArtifactCache(folder.artifacts, client, console.say),
            work=folder.work,
            roster=Roster([StubDevice(config.name, run_s)]),
            drain=Drain(),
            console=console,
        )
    )


def yield_to_the_site() -> None:
    """The agents stand for two hundred other hosts, and here they share the processor with the site and its visitor.

    Linux may schedule by session: then niceness counts within one only, and a session has one of its own
    (sched(7), "The autogroup feature").
    """
    os.setsid()
    os.nice(NICENESS)
    if AUTOGROUP.exists():
        AUTOGROUP.write_text(str(NICENESS))


def main(run_s: float, roots: list[str]) -> None:
    threads = [threading.Thread(target=agent(Path(root), run_s).serve, name=root) for root in roots]
    # The timed loop collects garbage before it begins. A real agent's child has hardly any objects; here are those of
    # every library, and going through them took more than half of the fleet's processor time.
    gc.collect()
    gc.freeze()
    yield_to_the_site()
    print("ready", flush=True)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
