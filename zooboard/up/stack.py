"""The order of things in `make up`: servers, schema and files, site, agent."""

import asyncio
import os
import time
from pathlib import Path

from zooboard.up import services
from zooboard.up.agent import LocalAgent
from zooboard.up.embedded import EmbeddedServer
from zooboard.up.output import Printer
from zooboard.up.postgres import EmbeddedPostgres
from zooboard.up.processes import Registry
from zooboard.up.services import LEASE_PATH, Ports, django_commands
from zooboard.up.state import State
from zooboard.up.supervisor import ServiceFailedError, Supervisor, together
from zooboard.up.valkey import EmbeddedValkey

MARKER = "ZOOBOARD_STATE"
RUNNER_STATE = "ZOOBOARD_RUNNER_STATE"


class Stack:
    """Everything of one site on this machine."""

    def __init__(self, state: State, ports: Ports, printer: Printer) -> None:
        self.state = state
        self.ports = ports
        self.printer = printer
        self.site_url = os.environ.get("ZOOBOARD_URL") or f"http://127.0.0.1:{ports.web}"
        self.servers = self._embedded_servers()
        self.supervisor = Supervisor(printer, Registry(state.run), {**os.environ, **self.environment()})

    def environment(self) -> dict[str, str]:
        """What the site's processes need to know, and what a person's own `manage.py` needs too."""
        lease_url = os.environ.get("ZOOBOARD_LEASE_URL") or f"http://127.0.0.1:{self.ports.lease}{LEASE_PATH}"
        return {
            **{server.variable: server.url for server in self.servers},
            MARKER: str(self.state.root),
            "ZOOBOARD_URL": self.site_url,
            "ZOOBOARD_LEASE_URL": lease_url,
            RUNNER_STATE: str(self.state.agent),
            "SECRET_KEY": os.environ.get("SECRET_KEY") or self.state.secret_key(),
            "PYTHONUNBUFFERED": "1",
        }

    async def start(self) -> None:
        """Start everything, and say where it is.

        Raises: ServiceFailedError, ServerFailedError, CannotDropRootError.
        """
        started_at = time.monotonic()
        self._write_environment()
        await together(self._start_servers_and_migrate(), self._collect_static())
        # The first visitor finds the chart drawn instead of waiting for pandas and altair.
        charts = self.supervisor.run("charts", django_commands("warm_charts"))
        await together(self.supervisor.start(services.web(self.ports)), charts)
        self.say(f"ready at {self.site_url} after {time.monotonic() - started_at:.1f} s")
        await self._offer_login()
        # Visitors need none of these, so none of them competes for the processor before the first page is there.
        others = (services.longpoll(self.ports), services.worker(), services.beat(self.state))
        await together(*(self.supervisor.start(service) for service in others))
        await LocalAgent(self.supervisor, self.state, self.ports, self.site_url).start()
        self.say("stop with Ctrl-C, or `make down` from elsewhere")
        await self._prepare_the_rest()

    def say(self, text: str) -> None:
        self.printer.line("up", text)

    def _embedded_servers(self) -> list[EmbeddedServer]:
        """One for each real server that the environment does not name."""
        socket_dir = self.state.new_socket_dir()
        servers: list[EmbeddedServer] = []
        if not os.environ.get(EmbeddedPostgres.variable):
            servers.append(EmbeddedPostgres(self.state.postgres, socket_dir))
        if not os.environ.get(EmbeddedValkey.variable):
            servers.append(EmbeddedValkey(self.state.valkey, socket_dir))
        return servers

    async def _start_servers_and_migrate(self) -> None:
        await together(*(self._start_server(server) for server in self.servers))
        await self.supervisor.run("migrate", django_commands("migrate --noinput", "seed"))

    async def _start_server(self, server: EmbeddedServer) -> None:
        await asyncio.to_thread(server.prepare)
        await self.supervisor.start(services.embedded_service(server))

    async def _collect_static(self) -> None:
        await self.supervisor.run("static", django_commands("vendor_static", "collectstatic --noinput --verbosity 0"))

    async def _offer_login(self) -> None:
        lines = await self.supervisor.run("login", django_commands("owner_login"), is_captured=True)
        self.say(f"log in as the owner, once: {lines[-1]}")

    async def _prepare_the_rest(self) -> None:
        """Last, since nobody waits for it: int8 networks, and the figures of `/charts` for their first visitor."""
        for name, command in (("artifacts", "build_artifacts"), ("figures", "warm_charts --figures")):
            try:
                await self.supervisor.run(name, django_commands(command))
            except ServiceFailedError as error:
                self.say(f"goes on without {name}: {error}")

    def _write_environment(self) -> None:
        """A file for the shell, private because it has the secret key: `set -a; . .zooboard/run/env`."""
        path = Path(self.state.run / "env")
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        # The local agent's folder stays out: in that shell other agents may be enrolled.
        shared = {key: value for key, value in self.environment().items() if key != RUNNER_STATE}
        path.write_text("".join(f"{key}='{value}'\n" for key, value in shared.items()))
