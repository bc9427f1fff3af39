"""The same SQL by pgbench, which comes with the embedded Postgres: what the database alone can do on this machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from time import perf_counter

import psycopg

from benchmarks.api.load import CONNECTIONS
from zooboard.up.postgres import binary

_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


def transactions_per_s(sql: str, *, database_url: str, seconds: float, folder: Path) -> float:
    """As many connections as there are clients; the statement prepared, its values written in it."""
    script = folder / "question.sql"
    script.write_text(f"{sql};\n")
    command = [
        str(binary("pgbench")), "--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}", "--jobs=1",
        f"--time={max(1, round(seconds))}", f"--file={script}", database_url,
    ]  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    found = _TPS.search(done.stdout)
    if done.returncode != 0 or found is None:
        raise RuntimeError(f"pgbench does not run this: {done.stderr[-1000:]}")
    return float(found.group(1))


def copy_s(sql: str, *, database_url: str) -> float:
    """How long COPY of the same rows as CSV takes to one client."""
    started = perf_counter()
    copy = f"COPY ({sql}) TO STDOUT WITH (FORMAT csv)"
    with (
        psycopg.connect(database_url) as connection,
        connection.cursor() as cursor,
        cursor.copy(copy.encode()) as rows,
    ):
        for _ in rows:
            pass
    return perf_counter() - started
