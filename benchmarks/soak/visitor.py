"""Somebody who reads pages all the time."""

from __future__ import annotations

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

import httpx

PAGES = ("/", "/runs", "/agents", "/models/MobileNetV1", "/api/v1/leaderboard/", "/api/v1/runs/")
PAGE_EVERY_S = 0.25


@dataclass
class Visitor:
    """Reads one page after another, in a thread; what fails while the web process is away is counted apart."""

    site: str
    milliseconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[str] = field(default_factory=Counter)
    _leave: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def visiting(self) -> Iterator[None]:
        thread = threading.Thread(target=self._visit)
        thread.start()
        try:
            yield
        finally:
            self._leave.set()
            thread.join()

    def _visit(self) -> None:
        with httpx.Client(base_url=self.site, timeout=30, trust_env=False) as client:
            while not self._leave.wait(PAGE_EVERY_S):
                self._read(client, random.choice(PAGES))

    def _read(self, client: httpx.Client, page: str) -> None:
        started = perf_counter()
        try:
            status = client.get(page).status_code
        except httpx.TransportError as error:
            self.failures[type(error).__name__] += 1
            return
        if status != 200:
            self.failures[f"{page} {status}"] += 1
            return
        self.milliseconds[page].append((perf_counter() - started) * 1e3)
