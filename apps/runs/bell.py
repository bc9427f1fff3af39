"""Who waits for a run in this process, and whom a new run wakes: as many as there are runs, not everybody."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Waiter:
    """One waiting agent and the engines that it has."""

    def __init__(self, engines: frozenset[str]) -> None:
        self.engines = engines
        self._calls: list[Call] = []
        self._is_called = asyncio.Event()

    def call(self, call: "Call") -> None:
        self._calls.append(call)
        self._is_called.set()

    @property
    def is_called(self) -> bool:
        """Whether it has a call to answer."""
        return self._is_called.is_set()

    async def wait(self) -> None:
        """Until it is called."""
        await self._is_called.wait()

    @contextmanager
    def answering(self) -> Iterator[list[bool]]:
        """Answer the calls so far by trying to get a run: append to the list whether it got one."""
        calls, self._calls = self._calls, []
        self._is_called.clear()
        got: list[bool] = []
        try:
            yield got
        finally:
            for call in calls:
                call.tried(got_one=any(got))


class Call:
    """One ring of the bell: so many runs, and who waited then, the longest first.

    A waiter that gets none, since the runs are not for it, passes the call on to the next one.
    """

    def __init__(self, waiters: Iterable[Waiter], runs: int) -> None:
        self._waiters, self._left, self._trying = deque(waiters), runs, 0
        self._go_on()

    def tried(self, *, got_one: bool) -> None:
        self._trying -= 1
        self._left -= got_one
        self._go_on()

    def _go_on(self) -> None:
        while self._waiters and self._trying < self._left:
            self._trying += 1
            self._waiters.popleft().call(self)


class Bell:
    """Wakes waiting agents by engine."""

    def __init__(self) -> None:
        # In the order in which they came.
        self._waiters: dict[Waiter, None] = {}

    @contextmanager
    def waiter(self, engines: frozenset[str]) -> Iterator[Waiter]:
        """Wait for these engines. Join before the first try, so that no ring is missed."""
        waiter = Waiter(engines)
        self._waiters[waiter] = None
        try:
            yield waiter
        finally:
            del self._waiters[waiter]
            # Whoever called it meanwhile calls the next one.
            with waiter.answering():
                pass

    def ring(self, engine: str, runs: int) -> None:
        """Tell that so many runs of an engine are queued."""
        Call([waiter for waiter in self._waiters if engine in waiter.engines], runs)

    def ring_all(self) -> None:
        """Wake everybody, as after a gap in listening."""
        Call(self._waiters, len(self._waiters))
