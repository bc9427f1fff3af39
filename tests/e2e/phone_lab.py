"""A phone lab beside the site: a simulated phone, an adb server of its own, and a real agent enrolled with it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

from runners.config import StateFolder
from tests.e2e.processes import ROOT, Process
from tests.e2e.stack import Stack
from tests.simulated_phone import AdbServer, SimulatedPhone, write_program

SIMULATED_855 = "simulated:snapdragon-855"
PROTOCOL = "sd855-bs1-t1"
MEASURED = {"latency", "storage"}
PROGRAMS = {"ncnn": "benchncnn", "onnxruntime": "onnxruntime_perf_test", "paddle-lite": "benchmark_bin"}
COMMAND_WITHIN_S = 240.0
SPEED = 40.0
"""How much faster than an 855 the lab's phone says to be, so that all models take seconds."""
LONGEST_WAIT_S = 12.0
POLICY = f"[policy]\nlook_every_s = 0.5\nlongest_wait_s = {LONGEST_WAIT_S}"


class PhoneLab:
    """The host's state folder with its programs; `enrol` and `start` are what a person at the lab does."""

    def __init__(self, site: Stack, root: Path, adb: AdbServer, phone: SimulatedPhone) -> None:
        self.site, self.adb, self.phone = site, adb, phone
        self.folder = StateFolder(root / "state")
        self.folder.create()
        # Wide enough that no cell of a table is wrapped.
        self._environment = {"PATH": "/usr/bin:/bin", "HOME": str(root), "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
        self._write_settings(root / "programs")
        self.enrolment = ""
        """What `enroll` said."""
        self.agent = Process(self._command("start"), self._environment, root / "agent.log")

    def enrol(self) -> None:
        """Enrol with a fresh code and no terminal, so that everything found is offered."""
        code = self.site.command("enrolment_code")
        self.enrolment = self.run("enroll", self.site.url, code, "--no-gpus")

    def run(self, *arguments: str) -> str:
        """What `zooboard-runner` says when a person at the lab calls it."""
        done = subprocess.run(
            self._command(*arguments),
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_WITHIN_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def accept_uploads(self) -> None:
        """As the owner allows on the agent's page."""
        agent_id = self.folder.load().agent_id
        self.site.sql("UPDATE fleet_agent SET accepts_uploads = true WHERE public_id = %s", agent_id)

    def offer_phone_only(self) -> None:
        """As somebody chose who wants the host's CPU left alone."""
        config = self.folder.load()
        self.folder.save(config.model_copy(update={"chosen": (f"phone:{self.phone.serial}",)}))

    def restart_agent(self) -> None:
        """A new start looks at the phone at once, where one that waits for a run does so within half a minute."""
        self.agent.terminate()
        self.agent.start()

    def reattach(self) -> None:
        """Plug the phone in, and have adb look: over a cable it would by itself."""
        self.phone.plug_in()
        self.adb.connect(self.phone)

    def ask_for(self, models: list[str] | str, *, engine: str = "ncnn", protocol: str = PROTOCOL) -> int:
        """A campaign on the simulated kind, which is asked for by name; its id."""
        message = {"models": models, "protocols": [protocol], "engine": engine, "device_kind": SIMULATED_855}
        return int(self.site.post("/api/v1/campaigns/", json=message)["id"])

    def ask_for_run(self, model: str, *, engine: str = "ncnn") -> int:
        [run] = self.site.runs(self.ask_for([model], engine=engine))
        return int(run["id"])

    def count_of(self, campaign_id: int, state: str) -> int:
        """How many runs of a campaign are in a state, without a request: it is asked again and again for minutes."""
        [[count]] = self.site.sql(
            "SELECT count(*) FROM runs_run WHERE campaign_id = %s AND state = %s", campaign_id, state
        )
        return int(count)

    def page(self, run_id: int) -> str:
        """The run's page as it is read, without the signs that HTML escapes."""
        return unescape(self.site.page(f"/runs/{run_id}"))

    def is_registered(self) -> bool:
        """Whether the site knows of the simulated kind: the agent has offered its phone."""
        return SIMULATED_855 in {row["slug"] for row in self.site.get("/api/v1/devices/")["results"]}

    def has_one_measurement(self, run_id: int) -> bool:
        """Whether the run gave one measurement, and all of it stands under the simulated kind."""
        rows = self.site.results_of(run_id)
        return (
            {row["metric"] for row in rows} == MEASURED
            and len(rows) == len(MEASURED)
            and all(row["is_simulated"] and row["device"] == SIMULATED_855 for row in rows)
            and self.measurements_of(run_id) == 1
        )

    def measurements_of(self, run_id: int) -> int:
        """How many measurements stand in the database: one for a run that is done, whatever happened on its way."""
        [[count]] = self.site.sql(
            "SELECT count(*) FROM results_measurement m JOIN runs_attempt a ON a.id = m.attempt_id WHERE a.run_id = %s",
            run_id,
        )
        return int(count)

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "runners", *arguments, "--state", str(self.folder.root)]

    def _write_settings(self, programs: Path) -> None:
        programs.mkdir()
        lines = ["[adb]", f"server_port = {self.adb.port}", POLICY]
        for engine, name in PROGRAMS.items():
            lines += [f"[tools.{engine}]", f'program = "{write_program(programs, name)}"']
        (self.folder.root / "phones.toml").write_text("\n".join(lines) + "\n")


@contextmanager
def phone_lab(site: Stack, root: Path) -> Iterator[PhoneLab]:
    """A lab whose phone is attached; its agent is neither enrolled nor started, and ends with the lab.

    The phone really takes the time that its programs state: the site refuses more of it than an attempt took.
    """
    for name in ("adb", "phone"):
        (root / name).mkdir(parents=True)
    with AdbServer(root / "adb") as adb, SimulatedPhone(root / "phone", pace=1.0, speed=SPEED) as phone:
        adb.connect(phone)
        lab = PhoneLab(site, root, adb, phone)
        try:
            yield lab
        finally:
            lab.agent.kill()


def reasons(run: dict[str, Any]) -> list[tuple[str, str, str]]:
    """State, failure kind and reason of each attempt of a run, first to last."""
    return [(each["state"], each["failure_kind"], each["reason"]) for each in run["attempts"]]
