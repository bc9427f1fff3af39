"""How fast does the site answer, with few results and with a million? `python -m benchmarks.api`

The catalogue as it comes (some 400 published values), then zoos that `manage.py synth` makes up, each in a database of
its own on one Postgres. Every question is put to the site, to a minimal Django view that writes the same rows from
`values()` by orjson, and, as SQL, to the database alone by pgbench: all on this machine, in this run, by 8 clients.

Exits 1 unless everything is accepted that `judging` lists.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from benchmarks.api.judging import HEAD, Figures, problems
from tests import servers

PUBLISHED = 400
"""About as many values come with the catalogue: the size without a made-up zoo."""
SIZES = (PUBLISHED, 10_000, 1_000_000)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api", description=__doc__)
    parser.add_argument("--results", type=int, nargs="*", default=SIZES, metavar="N")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    arguments = parser.parse_args()
    figures: dict[int, list[Figures]] = {}
    with ExitStack() as cleanup:
        environment = {**os.environ, **servers.start(cleanup)}
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
        for size in arguments.results:
            figures[size] = _measure(size, environment, folder / f"{size}.json", arguments.seconds)
    refused = problems(figures)
    print(*refused or ["accepted"], sep="\n")
    return 1 if refused else 0


def _measure(size: int, environment: dict[str, str], file: Path, seconds: float) -> list[Figures]:
    own = environment | {"DATABASE_URL": _new_database(environment["DATABASE_URL"], f"bench_{size}")}
    commands = ["migrate --verbosity 0", "seed", "vendor_static", "collectstatic --noinput --verbosity 0"]
    commands += [f"synth --results {size}"] if size > PUBLISHED else []
    _run(["-m", "zooboard.up.django_commands", *commands], own)
    print(f"\n{size:,} results\n\n{HEAD}", flush=True)
    _run(["-m", "benchmarks.api.one", str(file), f"--seconds={seconds}"], own)
    return [Figures(**each) for each in json.loads(file.read_text())]


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, *arguments], env=environment, check=True)


def _new_database(url: str, name: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return urlsplit(url)._replace(path=f"/{name}").geturl()


if __name__ == "__main__":
    sys.exit(main())
