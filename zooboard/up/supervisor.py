"""Runs services: started when the last one is ready, restarted when they crash, stopped in reverse."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

from zooboard.up.child import STDERR, STDOUT, Child
from zooboard.up.embedded import ServerFailedError
from zooboard.up.output import Printer
from zooboard.up.processes import POLL_S, ProcessRecord, Registry, kill_group

FIRST_RESTART_AFTER_S = 0.5
LONGEST_RESTART_AFTER_S = 30.0
# A service that ran this long before it crashed starts again with the shortest wait.
STABLE_AFTER_S = 30.0
READY_WITHIN_S = 60.0


class ServiceFailedError(RuntimeError):
    """A service or command ended, or did not become ready, while the site was being started."""


async def _is_up() -> bool:
    return True


async def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Service:
    """One long-running child.

    Services of one `stage` stop together, the highest stage first; each gets `stop_within_s` before SIGKILL.
    """

    name: str
    command: Sequence[str]
    stage: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 3.0
    is_ready: Callable[[], Awaitable[bool]] = _is_up
    before_restart: Callable[[], Awaitable[None]] = _nothing


@dataclass
class _Running:
    service: Service
    child: Child
    started_at: float
    keeper: asyncio.Task[None] | None = None


class Supervisor:
    """Starts and stops services and one-shot commands; every child leads a process group of its own."""

    def __init__(self, printer: Printer, registry: Registry, environment: Mapping[str, str]) -> None:
        self.printer = printer
        self.registry = registry
        self.environment = dict(environment)
        self._running: dict[str, _Running] = {}

    async def start(self, service: Service) -> None:
        """Start a service, wait until it is ready, and keep it running from then on.

        Raises: ServiceFailedError.
        """
        running = self._running[service.name] = await self._start(service)
        deadline = time.monotonic() + READY_WITHIN_S
        while not await service.is_ready():
            returncode = running.child.returncode
            if returncode is not None:
                raise ServiceFailedError(f"{service.name} {ending(returncode)} before it was ready")
            if time.monotonic() > deadline:
                raise ServiceFailedError(f"{service.name} was not ready within {READY_WITHIN_S:.0f} s")
            await asyncio.sleep(POLL_S)
        running.keeper = asyncio.create_task(self._keep(service))

    async def run(self, name: str, command: Sequence[str], *, is_captured: bool = False) -> list[str]:
        """Run a command to its end; the lines of its standard output, which are not shown if `is_captured`.

        Raises: ServiceFailedError.
        """
        lines: list[str] = []

        def on_line(fd: int, text: str) -> None:
            if fd == STDOUT:
                lines.append(text)
            if fd == STDERR or not is_captured:
                self.printer.line(name, text)

        child = await Child.spawn(command, self.environment, on_line, is_stderr_apart=is_captured)
        self._remember(child, name, signal.SIGTERM)
        try:
            returncode = await child.wait()
        finally:
            # Also when cancelled (Ctrl-C): the command must not outlive us.
            await self._bury(child, name)
        if returncode != 0:
            raise ServiceFailedError(f"{name} {ending(returncode)}: {' '.join(command)}")
        return lines

    async def stop(self) -> None:
        """Stop all services, the highest stage first, and kill those that do not go in time."""
        for running in self._running.values():
            if running.keeper:
                running.keeper.cancel()
        for stage in sorted({running.service.stage for running in self._running.values()}, reverse=True):
            members = [running for running in self._running.values() if running.service.stage == stage]
            await asyncio.gather(*(self._stop_one(running) for running in members))

    def kill(self) -> None:
        """SIGKILL everything at once: a second Ctrl-C."""
        for running in self._running.values():
            kill_group(running.child.pid)

    async def _start(self, service: Service) -> _Running:
        def on_line(_fd: int, text: str) -> None:
            self.printer.line(service.name, text)

        environment = {**self.environment, **service.environment}
        child = await Child.spawn(service.command, environment, on_line, stop_signal=service.stop_signal)
        self._remember(child, service.name, service.stop_signal)
        return _Running(service, child, time.monotonic())

    async def _keep(self, service: Service) -> None:
        """Restart the service whenever it ends, after a wait that doubles while it keeps crashing."""
        wait_s = FIRST_RESTART_AFTER_S
        while True:
            running = self._running[service.name]
            returncode = await running.child.wait()
            await self._bury(running.child, service.name)
            if time.monotonic() - running.started_at > STABLE_AFTER_S:
                wait_s = FIRST_RESTART_AFTER_S
            self.printer.line(service.name, f"{ending(returncode)}; starting it again in {wait_s:g} s")
            again = None
            while again is None:
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_RESTART_AFTER_S)
                again = await self._try_again(service)
            again.keeper = running.keeper
            self._running[service.name] = again

    async def _try_again(self, service: Service) -> _Running | None:
        try:
            await service.before_restart()
            return await self._start(service)
        except (ServiceFailedError, ServerFailedError, OSError) as error:
            self.printer.line(service.name, f"cannot start yet: {error}")
            return None

    async def _stop_one(self, running: _Running) -> None:
        service = running.service
        running.child.send(service.stop_signal)
        try:
            await asyncio.wait_for(running.child.wait(), service.stop_within_s)
        except TimeoutError:
            self.printer.line(service.name, f"did not stop within {service.stop_within_s:g} s; killed")
        await self._bury(running.child, service.name)

    def _remember(self, child: Child, name: str, stop_signal: int) -> None:
        # It may have ended already, then there is nothing to end after a crash.
        with suppress(psutil.NoSuchProcess):
            self.registry.add(ProcessRecord.of(child.pid, name, stop_signal))

    async def _bury(self, child: Child, name: str) -> None:
        await child.bury()
        self.registry.remove(name)


def ending(returncode: int) -> str:
    """How a process ended, in words."""
    if returncode < 0:
        return f"was ended by {signal.Signals(-returncode).name}"
    return f"ended with exit code {returncode}"


async def together(*work: Coroutine[Any, Any, object]) -> None:
    """Do several things at once; where one fails, cancel the others and raise its error alone."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in work:
                group.create_task(part)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
