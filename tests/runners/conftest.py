"""A site double and an enrolled, simulated agent: what the agent's tests start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runners.agent import Agent
from runners.artifacts import ArtifactCache
from runners.attempt import Workbench
from runners.client import SiteClient
from runners.config import Config, StateFolder
from runners.console import Console
from runners.drain import Drain
from runners.hardware.host import HostCpu
from runners.hardware.roster import Roster
from runners.spool import Spool
from tests.runners.site_double import TOKEN, SiteDouble


@pytest.fixture
def site() -> Iterator[SiteDouble]:
    with SiteDouble() as site:
        yield site


@pytest.fixture
def client(site: SiteDouble) -> Iterator[SiteClient]:
    client = SiteClient(site.url, TOKEN)
    yield client
    client.close()


@pytest.fixture
def drain() -> Iterator[Drain]:
    """Requested at the end, so that no thread of a test outlives it."""
    drain = Drain()
    yield drain
    drain.request()


@pytest.fixture
def folder(site: SiteDouble, tmp_path: Path) -> StateFolder:
    """The state folder of an enrolled agent that offers the stub engine only."""
    folder = StateFolder(tmp_path / "state")
    folder.create()
    folder.save(Config(site=site.url, agent_id="1", name="lab", token=TOKEN, is_simulated=True))
    return folder


@pytest.fixture
def state(folder: StateFolder) -> Path:
    return folder.root


@pytest.fixture
def spool(folder: StateFolder) -> Spool:
    return Spool(folder.spool, folder.rejected)


@pytest.fixture
def bench(client: SiteClient, drain: Drain, folder: StateFolder, spool: Spool) -> Workbench:
    console = Console(is_live=False)
    return Workbench(
        client=client,
        spool=spool,
        artifacts=ArtifactCache(folder.artifacts, client, console.say),
        work=folder.work,
        roster=Roster([HostCpu(simulated=True)]),
        drain=drain,
        console=console,
        save_token=folder.save_token,
    )


@pytest.fixture
def agent(bench: Workbench) -> Agent:
    return Agent(bench)
