"""The long-poll process, as `make up` starts it, on the database of the tests."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from tests.e2e.processes import Process
from tests.up.waiting import wait_until
from zooboard.up import services
from zooboard.up.network import http_status, is_port_free
from zooboard.up.services import LEASE_PATH, Ports

FIRST_PORT, LAST_PORT = 24001, 24999
READY_WITHIN_S = 30.0


@contextmanager
def longpoll_process(log_path: Path) -> Iterator[str]:
    """Address of its lease endpoint."""
    port = next(port for port in range(FIRST_PORT, LAST_PORT) if is_port_free(port))
    service = services.longpoll(Ports(port - 1))
    environment = {"DATABASE_URL": _test_database_url(), "DJANGO_SETTINGS_MODULE": "zooboard.longpoll_settings"}
    process = Process(service.command, {**os.environ, **environment}, log_path)
    process.start()
    try:
        wait_until(lambda: _is_ready(port, process), READY_WITHIN_S)
        yield f"http://127.0.0.1:{port}{LEASE_PATH}"
    finally:
        process.kill()


def _is_ready(port: int, process: Process) -> bool:
    assert process.is_running, process.log()
    return asyncio.run(http_status(port, "/healthz")) == 200


def _test_database_url() -> str:
    """The address of the server, with the name of the database that the tests made there."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
