"""Waking agents that wait for a run, through Postgres: the message leaves with the commit or not at all."""

from collections.abc import Iterable

from django.db import connection

CHANNEL = "zooboard_runs"


def wake_agents(engines: Iterable[str]) -> None:
    """Wake the long polls whose agents offer one of these engines."""
    with connection.cursor() as cursor:
        for engine in sorted(set(engines)):
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, engine])
