"""The site under test: `make up` in a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter, sleep

import django
import psutil

from zooboard.up.network import HOST, is_port_free
from zooboard.up.processes import Registry, lifeline

READY_WITHIN_S = 120


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


def kill_service(registry: Registry, name: str) -> bool:
    """-9 for a service and all that it started: the supervisor has to notice and begin anew. False while it does."""
    record = next((record for record in registry.records() if record.name == name and record.is_alive()), None)
    if record is None:
        return False
    leader = psutil.Process(record.pid)
    for process in [*leader.children(recursive=True), leader]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    return True
