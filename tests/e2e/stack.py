"""A site from real processes, each of which a test may kill and start again; without a test nothing restarts."""

import asyncio
import os
import random
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from typing import Any, Self

import httpx
import psycopg
import redis

from tests.e2e.agents import AgentProcess
from tests.e2e.processes import ROOT, Process
from tests.e2e.waiting import wait_until
from zooboard.up import services
from zooboard.up.network import is_port_free
from zooboard.up.postgres import EmbeddedPostgres
from zooboard.up.services import LEASE_PATH, Ports, django_commands
from zooboard.up.state import State, short_socket_dir
from zooboard.up.supervisor import Service
from zooboard.up.valkey import EmbeddedValkey

LEASE_S = 9.0
HEARTBEAT_EVERY_S = 1.0
SWEEP_EVERY_S = 1.0
ENROLMENT_CODES = 32
READY_WITHIN_S = 40.0
DONE_WITHIN_S = 60.0
MODELS = ["MobileNetV1_x0_25", "MobileNetV2_x0_25", "MobileNetV3_small_x0_35", "ShuffleNetV2_x0_25"]
LATENCY, COMPLEXITY = "cpu-fp32-bs1", "complexity-224"
# Every value that one latency run, and one complexity run, gives.
TIMED = {"latency", "cpu_time"}
COUNTED = {"macs", "flops_2mac", "flops_paddle", "params", "params_paddle", "storage"}
# The test session's own settings must not leak into the site's processes.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


class Stack:
    """Postgres, Valkey, web, long poll, worker and beat, in a folder that goes with it."""

    def __init__(self) -> None:
        self.root = short_socket_dir()
        self.state = State(self.root / "state")
        self.state.create()
        (self.root / "s").mkdir(mode=0o700)
        self.postgres = EmbeddedPostgres(self.state.postgres, self.root / "s", is_durable=False)
        self.valkey = EmbeddedValkey(self.state.valkey, self.root, is_durable=False)
        self.ports = Ports(_free_pair())
        self.url = f"http://127.0.0.1:{self.ports.web}"
        self.processes: dict[str, Process] = {}
        self.agents: list[AgentProcess] = []
        self._services: dict[str, Service] = {}
        self._codes: list[str] = []
        self._numbers = count(1)
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, self.root, ignore_errors=True)
            undo.enter_context(self.postgres)
            undo.callback(self.valkey.stop)
            self.valkey.start()
            undo.callback(self._stop_processes)
            self._prepare()
            self.start("web", "longpoll", "worker", "beat")
            self._cleanup = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def environment(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "ZOOBOARD_STATE": str(self.state.root),
            "ZOOBOARD_URL": self.url,
            "ZOOBOARD_LEASE_URL": f"http://127.0.0.1:{self.ports.lease}{LEASE_PATH}",
            "ZOOBOARD_LEASE_S": str(LEASE_S),
            "ZOOBOARD_HEARTBEAT_EVERY_S": str(HEARTBEAT_EVERY_S),
            "ZOOBOARD_SWEEP_EVERY_S": str(SWEEP_EVERY_S),
            "SECRET_KEY": self.state.secret_key(),
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, *names: str) -> None:
        """Start processes by name and wait until they are ready."""
        for name in names:
            self.processes[name].start()
        for name in names:
            wait_until(lambda name=name: self._is_ready(name), READY_WITHIN_S)  # type: ignore[misc]

    def kill(self, name: str) -> None:
        """`kill -9` of a process and its workers."""
        self.processes[name].kill()

    def revive(self) -> None:
        """Start again what ended by itself, as the supervisor of `make up` does."""
        for process in self.processes.values():
            if not process.is_running:
                process.start()

    def restart_valkey(self) -> None:
        """`kill -9` of Valkey, which keeps nothing on disk here, and a new one in its place."""
        assert self.valkey.process is not None
        self.valkey.process.kill()
        self.valkey.process.wait()
        self.valkey.start()

    def flush_valkey(self) -> None:
        """Lose all messages, as an administrator could by mistake."""
        with redis.Redis.from_url(self.valkey.url) as client:
            client.flushall()

    def agent(self, *, is_simulated: bool = False) -> AgentProcess:
        """Enrol one more agent of the owner's; it is not started yet."""
        number = next(self._numbers)
        agent = AgentProcess(
            site=self.url,
            code=self._codes.pop(),
            name=f"agent-{number}",
            root=self.root / f"agent-{number}",
            is_simulated=is_simulated,
        )
        self.agents.append(agent)
        return agent

    def clear(self) -> None:
        """End all agents and cancel all runs, so that the next test's runs are for its own agents."""
        for agent in self.agents:
            agent.kill()
        for state in ("queued", "active"):
            for run in self.get("/api/v1/runs/", state=state)["results"]:
                self._request("DELETE", f"/api/v1/runs/{run['id']}/")

    def command(self, line: str) -> str:
        """Output of one of Django's commands. Raises: CalledProcessError."""
        return self._django(line)[-1]

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What there is no endpoint for, straight from or into the database."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    # --- REST, with the owner's token

    def get(self, path: str, **parameters: str) -> Any:
        return self._request("GET", path, params=parameters).json()

    def post(self, path: str, **options: Any) -> Any:
        return self._request("POST", path, **options).json()

    def page(self, path: str) -> str:
        return self._request("GET", path).text

    def ask_for(self, models: list[str], protocols: list[str], *, engine: str = "") -> int:
        """Ask for a campaign; its id."""
        message = {"models": models, "protocols": protocols, "engine": engine}
        return int(self.post("/api/v1/campaigns/", json=message)["id"])

    def runs(self, campaign_id: int) -> list[dict[str, Any]]:
        """The campaign's runs, as soon as there are some."""
        found: list[dict[str, Any]] = []

        def is_expanded() -> bool:
            found[:] = self.get("/api/v1/runs/", campaign=str(campaign_id))["results"]
            return bool(found)

        wait_until(is_expanded, DONE_WITHIN_S)
        return found

    def ask_for_run(self, model: str, protocol: str, *, engine: str = "") -> int:
        """Ask for one run; its id."""
        [run] = self.runs(self.ask_for([model], [protocol], engine=engine))
        return int(run["id"])

    def run(self, run_id: int) -> dict[str, Any]:
        """A run with its attempts."""
        found: dict[str, Any] = self.get(f"/api/v1/runs/{run_id}/")
        return found

    def wait_for_run(self, run_id: int, state: str = "done", *, within_s: float = DONE_WITHIN_S) -> dict[str, Any]:
        """Wait for the state a run ends in."""
        wait_until(lambda: self.run(run_id)["finished_at"], within_s, what=lambda: str(self.run(run_id)))
        run = self.run(run_id)
        assert run["state"] == state, run
        return run

    def wait_for_attempt(self, run_id: int, state: str, *, number: int = 1) -> None:
        """Wait for the state of the run's first (second, ...) attempt."""

        def is_there() -> bool:
            attempts = self.run(run_id)["attempts"]
            return len(attempts) >= number and attempts[number - 1]["state"] == state

        wait_until(is_there, DONE_WITHIN_S, what=lambda: str(self.run(run_id)))

    def results_of(self, run_id: int) -> list[dict[str, Any]]:
        """Standing results of a run."""
        rows = self.get("/api/v1/results/", origin="run", limit="1000")["results"]
        return [row for row in rows if row["run"] == run_id]

    # --- inside

    def _prepare(self) -> None:
        lines = self._django(
            "migrate --noinput --verbosity 0",
            "seed",
            "vendor_static",
            "collectstatic --noinput --verbosity 0",
            *["enrolment_code"] * ENROLMENT_CODES,
            "api_token --scope dispatch --scope admin",
        )
        *self._codes, token = lines[-ENROLMENT_CODES - 1 :]
        # A connection that was open when the web process was killed is of no use to the next one.
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}"},
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=80,
            trust_env=False,
        )
        self._cleanup.callback(self._client.close)
        for service in (
            services.web(self.ports),
            services.longpoll(self.ports),
            services.worker(),
            services.beat(self.state),
        ):
            self._services[service.name] = service
            environment = {**self.environment(), **service.environment}
            self.processes[service.name] = Process(service.command, environment, self.root / f"{service.name}.log")

    def _django(self, *lines: str) -> list[str]:
        done = subprocess.run(
            django_commands(*lines), cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def _is_ready(self, name: str) -> bool:
        process = self.processes[name]
        assert process.is_running, process.log()
        # In a thread of its own, since Playwright may keep an event loop running on this one.
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(asyncio.run, _is_ready(self._services[name])).result()

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = self._client.request(method, path, **options)
        assert response.is_success, f"{response.status_code}: {response.text}"
        return response

    def _stop_processes(self) -> None:
        for process in (*self.agents, *self.processes.values()):
            process.kill()


def states(run: dict[str, Any]) -> list[str]:
    """States of a run's attempts, first to last."""
    return [attempt["state"] for attempt in run["attempts"]]


async def _is_ready(service: Service) -> bool:
    return await service.is_ready()


def _free_pair() -> int:
    """Look in another order each time, so that sites that begin at the same instant do not agree on a port."""
    pairs = range(23000, 24000, 2)
    return next(port for port in random.sample(pairs, len(pairs)) if is_port_free(port) and is_port_free(port + 1))
