"""The table of what `make up` runs: one entry per process, with its command and how to see that it is ready."""

import asyncio
import os
import sys
from dataclasses import dataclass

from zooboard.up.embedded import EmbeddedServer
from zooboard.up.network import HOST, http_status
from zooboard.up.state import State
from zooboard.up.supervisor import Service

PYTHON = sys.executable
# Stages stop from the highest to the lowest: the agent hands its run back while the site still answers.
SERVERS, SITE, AGENT = range(3)
# One request of a visitor must not wait for another one's; two are enough for one machine that also measures.
WEB_WORKERS = min(2, os.cpu_count() or 1)
WEB_THREADS = 8
WORKER_PROCESSES = 2
# As root Celery warns of messages that are code. Ours are JSON and nothing else is accepted.
ROOT_WARNING = "You're running the worker with superuser privileges"
LEASE_PATH = "/api/v1/agent/lease"


@dataclass(frozen=True)
class Ports:
    """The web process takes `web`, the long poll the one after it."""

    web: int

    @property
    def lease(self) -> int:
        return self.web + 1


def embedded_service(server: EmbeddedServer) -> Service:
    """An embedded server, kept by the supervisor."""

    async def is_ready() -> bool:
        return await asyncio.to_thread(server.is_ready)

    async def before_restart() -> None:
        await asyncio.to_thread(server.prepare)

    return Service(
        server.name,
        server.command(),
        stage=SERVERS,
        stop_signal=server.stop_signal,
        is_ready=is_ready,
        before_restart=before_restart,
    )


def web(ports: Ports) -> Service:
    async def is_ready() -> bool:
        return await http_status(ports.web, "/readyz") == 200

    options = ("--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS), "--respawn-failed-workers")
    return Service("web", _granian("wsgi", ports.web, *options), stage=SITE, is_ready=is_ready)


def longpoll(ports: Ports) -> Service:
    async def is_ready() -> bool:
        return await http_status(ports.lease, "/healthz") == 200

    # One process on purpose: it has the one listening connection of all waiting agents.
    return Service("longpoll", _granian("asgi", ports.lease, "--workers", "1"), stage=SITE, is_ready=is_ready)


def worker() -> Service:
    options = ("--queues", "dispatch,heavy", "--concurrency", str(WORKER_PROCESSES))
    alone = ("--without-gossip", "--without-mingle")
    return Service("worker", _celery("worker", *options, *alone), stage=SITE, environment=_quiet())


def beat(state: State) -> Service:
    options = ("--schedule", str(state.beat_schedule), "--pidfile", "")
    return Service("beat", _celery("beat", *options), stage=SITE, environment=_quiet())


def django_commands(*lines: str) -> list[str]:
    """Commands of Django, one after another in one process."""
    return [PYTHON, "-m", "zooboard.up.django_commands", *lines]


def _granian(interface: str, port: int, *options: str) -> list[str]:
    application = f"zooboard.{interface}:application"
    # Django has no lifespan protocol: "asginl" is ASGI without it.
    protocol = {"wsgi": "wsgi", "asgi": "asginl"}[interface]
    base = ("--interface", protocol, "--host", HOST, "--port", str(port), "--log-level", "error", "--no-ws")
    return [PYTHON, "-m", "granian", *base, *options, application]


def _celery(*arguments: str) -> list[str]:
    return [PYTHON, "-m", "celery", "--app", "zooboard.celery:app", "--quiet", *arguments]


def _quiet() -> dict[str, str]:
    """Environment of processes that would otherwise log several lines with every sweep."""
    return {"LOG_LEVEL": os.environ.get("LOG_LEVEL") or "WARNING", "PYTHONWARNINGS": f"ignore:{ROOT_WARNING}"}
