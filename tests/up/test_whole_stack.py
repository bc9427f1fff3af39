"""The whole site, started as `make up` starts it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.up.waiting import wait_until
from zooboard.up.network import is_port_free
from zooboard.up.processes import ProcessRecord, Registry
from zooboard.up.state import State

pytestmark = pytest.mark.timeout(480)

ROOT = Path(__file__).parents[2]
STOPPED_WITHIN_S = 30.0
STARTED_WITHIN_S = 60.0
BUILT = "built the int8 artifact of MobileNetV3_large_x1_0_ssld_int8"
NAMES = {"postgres", "valkey", "web", "longpoll", "worker", "beat", "agent"}
# Every start does them beside the site, and nobody waits for them.
ERRANDS = {"artifacts", "figures"}
# The site shall start as a newcomer's does, whatever the test session has set for itself.
OURS = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "MAKELEVEL", "ZOOBOARD_URL")


class Site:
    """One `make up` with a state folder and a log file of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = State(folder / "state")
        self.starts = 0
        self.port = next(port for port in range(22000, 23000) if is_port_free(port) and is_port_free(port + 1))
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.starts += 1
        with self.log_path(self.starts).open("wb") as log:
            self.process = subprocess.Popen(self.command(), cwd=ROOT, env=self.environment(), stdout=log, stderr=log)
        wait_until(self._is_started, STARTED_WITHIN_S)

    def command(self) -> list[str]:
        return [sys.executable, "-m", "zooboard.up", "--port", str(self.port)]

    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key not in OURS}
        return {**kept, "ZOOBOARD_STATE": str(self.state.root)}

    def terminate(self) -> int:
        self.process.terminate()
        return self.process.wait(2 * STOPPED_WITHIN_S)

    def log_path(self, start: int) -> Path:
        return self.folder / f"log-{start}"

    def log(self, start: int = 1) -> str:
        """What it said since it was started for the first (second, ...) time."""
        return self.log_path(start).read_text()

    def children(self) -> dict[str, ProcessRecord]:
        return {record.name: record for record in Registry(self.state.run).records()}

    def status(self, path: str) -> int | None:
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as response:  # noqa: S310 - our own address
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return None

    def _is_started(self) -> bool:
        assert self.process.poll() is None, self.log(self.starts)
        return "stop with Ctrl-C" in self.log(self.starts)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    result = Site(tmp_path_factory.mktemp("site"))
    result.start()
    # So that no test takes its database away meanwhile.
    wait_until(lambda: BUILT in result.log() and "artifacts" not in result.children(), STARTED_WITHIN_S)
    yield result
    if result.process.poll() is None:
        result.terminate()


@pytest.fixture
def site(made: Site) -> Site:
    """The site as it runs, started again where the test before has ended it."""
    if made.process.poll() is not None:
        made.start()
        wait_until(lambda: not made.children().keys() & ERRANDS, STARTED_WITHIN_S)
    return made


def test_first_page_is_there_once_it_says_ready(site: Site) -> None:
    ready = re.search(r"ready at (\S+) after [\d.]+ s", site.log())

    assert ready is not None
    assert ready[1] == site.url
    assert (site.status("/"), site.status("/healthz")) == (200, 200)


def test_first_page_does_not_wait_for_the_int8_network(site: Site) -> None:
    log = site.log()

    assert log.index("ready at") < log.index("stop with Ctrl-C") < log.index(BUILT)


def test_owner_gets_an_address_to_log_in(site: Site) -> None:
    login = re.search(r"log in as the owner, once: (\S+)", site.log())

    assert login is not None
    assert login[1].startswith(f"{site.url}/")
    assert site.status(login[1].removeprefix(site.url)) == 200


def test_every_process_runs_and_the_agent_is_enrolled(site: Site) -> None:
    alive = {name for name, record in site.children().items() if record.is_alive()}
    config = json.loads((site.state.agent / "config.json").read_text())

    assert alive - ERRANDS == NAMES
    assert config["site"] == site.url


@pytest.mark.parametrize("name", ["web", "postgres"])
def test_killed_process_comes_back(site: Site, name: str) -> None:
    before = site.children()[name]

    os.kill(before.pid, signal.SIGKILL)

    wait_until(lambda: site.children().get(name) not in {None, before})
    wait_until(lambda: site.status("/readyz") == 200, STARTED_WITHIN_S)


def test_a_restart_of_postgres_costs_no_later_request_an_error(site: Site) -> None:
    with ThreadPoolExecutor(8) as visitors:
        list(visitors.map(site.status, ["/"] * 32))
        before = site.children()["postgres"]

        os.kill(before.pid, signal.SIGKILL)
        wait_until(lambda: site.children().get("postgres") not in {None, before})
        wait_until(lambda: site.status("/readyz") == 200, STARTED_WITHIN_S)
        answers = list(visitors.map(site.status, ["/"] * 32))

    assert set(answers) == {200}


def test_second_up_is_refused_and_the_first_goes_on(site: Site) -> None:
    done = subprocess.run(
        site.command(), cwd=ROOT, env=site.environment(), capture_output=True, text=True, timeout=30, check=False
    )

    assert done.returncode == 2
    assert f"already runs here (pid {site.process.pid})" in done.stderr
    assert site.process.poll() is None


def test_kill_9_loses_nothing_and_sigterm_stops_everything_in_time(site: Site) -> None:
    config, socket_dir = json.loads((site.state.agent / "config.json").read_text()), sockets(site)
    site.process.kill()
    site.process.wait()

    site.start()
    children, started_at = site.children(), time.monotonic()
    code = site.terminate()
    took_s = time.monotonic() - started_at

    assert json.loads((site.state.agent / "config.json").read_text()) == config
    assert set(children) - ERRANDS == NAMES
    assert not any(record.is_alive() for record in children.values())
    assert (code, took_s < STOPPED_WITHIN_S, site.children()) == (0, True, {})
    assert not socket_dir.exists()
    assert not (site.state.run / "sockets").exists()


def sockets(site: Site) -> Path:
    """Folder of the sockets of a running site."""
    folder = Path((site.state.run / "sockets").read_text())
    assert folder.is_dir()
    return folder
