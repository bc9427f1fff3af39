"""The wish that the agent ends, from a signal or from the site, and who is woken by it."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from runners.answers import FatalError

EXIT_AT_ONCE = 130


class Drain:
    """Set once, by the first signal or by an answer after which no call can succeed."""

    def __init__(self) -> None:
        self.requested = threading.Event()
        self.error: FatalError | None = None
        self._linked: set[threading.Event] = set()
        self._lock = threading.Lock()

    def request(self, error: FatalError | None = None) -> None:
        with self._lock:
            self.error = self.error or error
            self.requested.set()
            for event in self._linked:
                event.set()

    @contextmanager
    def linked(self, event: threading.Event) -> Iterator[threading.Event]:
        """`event` is set together with the drain, at once if that has happened."""
        with self._lock:
            self._linked.add(event)
            if self.requested.is_set():
                event.set()
        try:
            yield event
        finally:
            with self._lock:
                self._linked.discard(event)

    def on_signals(self, announce: Callable[[str], None]) -> None:
        """SIGTERM and SIGINT: the first one drains, the second one ends the process and its children at once."""
        # A handler interrupts code that may hold the lock of the very event it would set, so it only puts a note
        # into a queue whose `put` is reentrant; a thread acts on it.
        notes: queue.SimpleQueue[int] = queue.SimpleQueue()

        def handler(number: int, _frame: FrameType | None) -> None:
            notes.put(number)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, handler)
        threading.Thread(target=self._watch, args=(notes, announce), name="signals", daemon=True).start()

    def _watch(self, notes: queue.SimpleQueue[int], announce: Callable[[str], None]) -> None:
        name = signal.Signals(notes.get()).name
        announce(f"{name}: stopping; a run in progress goes back to the queue. Once more to stop at once.")
        self.request()
        notes.get()
        os._exit(EXIT_AT_ONCE)  # Measuring children die with their parent, see `runners.confine`.
