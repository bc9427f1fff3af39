"""Waking agents that wait for a run, through Postgres: the message leaves with the commit or not at all."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

CHANNEL = "zooboard_runs"


class Queued(NamedTuple):
    """What a message says: so many runs of an engine wait."""

    engine: str
    runs: int

    @classmethod
    def read(cls, payload: str) -> "Queued":
        engine, _, runs = payload.rpartition(" ")
        return cls(engine, int(runs))

    def __str__(self) -> str:
        return f"{self.engine} {self.runs}"


def wake_agents(engines: Iterable[str]) -> None:
    """Wake agents that wait: for each queued run its engine."""
    with connection.cursor() as cursor:
        for engine, runs in sorted(Counter(engines).items()):
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(Queued(engine, runs))])
