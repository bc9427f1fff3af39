"""One child process: its output line by line, and its end the moment it comes."""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import cast

from zooboard.up.output import LineSplitter
from zooboard.up.processes import kill_group, lifeline

STDOUT, STDERR = 1, 2
LAST_LINES_WITHIN_S = 1.0
OnLine = Callable[[int, str], None]


class Child(asyncio.SubprocessProtocol):
    """A process that leads its own group and ends with us.

    `asyncio.subprocess.Process.wait` also waits until the output is closed, which a grandchild can put off for ever.
    """

    def __init__(self, on_line: OnLine) -> None:
        self.on_line = on_line
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()
        self._splitters = {STDOUT: LineSplitter(), STDERR: LineSplitter()}
        self._transport: asyncio.SubprocessTransport

    @classmethod
    async def spawn(
        cls,
        command: Sequence[str],
        environment: Mapping[str, str],
        on_line: OnLine,
        *,
        stop_signal: int = signal.SIGTERM,
        is_stderr_apart: bool = False,
    ) -> "Child":
        """Start a command. Raises: OSError."""
        _, child = await asyncio.get_running_loop().subprocess_exec(
            lambda: cls(on_line),
            *command,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE if is_stderr_apart else asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lifeline(stop_signal),
        )
        return child

    @property
    def pid(self) -> int:
        return self._transport.get_pid()

    @property
    def returncode(self) -> int | None:
        return self._transport.get_returncode()

    async def wait(self) -> int:
        """Wait for its end; the exit code, or minus the signal."""
        await self.exited.wait()
        return cast(int, self.returncode)

    def send(self, number: int) -> None:
        """Signal the process, not its group: it ends its own children in its own order."""
        if self.returncode is None:
            self._transport.send_signal(number)

    async def bury(self) -> None:
        """Kill it and what is left of its group, and take its last lines."""
        kill_group(self.pid)
        await self.exited.wait()
        # A grandchild that left the group can hold the output open for ever.
        with suppress(TimeoutError):
            await asyncio.wait_for(self.closed.wait(), LAST_LINES_WITHIN_S)
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        for line in self._splitters[fd].feed(data):
            self.on_line(fd, line)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        for line in self._splitters[fd].rest():
            self.on_line(fd, line)

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()
