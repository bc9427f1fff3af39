"""One database: `python -m benchmarks.api.one FILE` asks all questions of it and writes the figures as JSON.

`DATABASE_URL` and `REDIS_URL` name the servers. The site and the minimal view run one after the other, each with as
many processes as `make up` gives the site.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING

import django

from benchmarks.api.judging import Figures
from benchmarks.api.load import Load, ask_for, etag_of, read_once
from benchmarks.api.pgbench import copy_s, transactions_per_s
from zooboard.up.network import HOST, is_port_free
from zooboard.up.processes import lifeline
from zooboard.up.services import Ports, web

if TYPE_CHECKING:
    from benchmarks.api.questions import Question

READY_WITHIN_S = 60
ANEW = {"Cache-Control": "no-cache"}
"""Has the site make an answer although it kept one."""
AS_BROWSERS = {"Accept-Encoding": "gzip"}
SITE, MINIMAL = "zooboard.settings", "benchmarks.api.minimal_settings"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api.one", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    parser.add_argument("--skip-exports", action="store_true", help="they take minutes with a million results")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zooboard.settings")
    django.setup()
    figures = measure(arguments.seconds, with_exports=not arguments.skip_exports)
    arguments.file.write_text(json.dumps([asdict(each) for each in figures]))
    return 0


def measure(seconds: float, *, with_exports: bool = True) -> list[Figures]:
    from benchmarks.api.questions import questions

    asked = [
        (number, question) for number, question in enumerate(questions()) if with_exports or not question.is_export
    ]
    with _served(MINIMAL) as url:
        minimal = {question.name: _minimal(f"{url}/{number}", question, seconds) for number, question in asked}
    figures = []
    with _served(SITE) as url:
        for _, question in asked:
            figures.append(_figures(question, url, minimal[question.name], seconds))
            print(figures[-1].line(), flush=True)
    return figures


def _figures(question: Question, url: str, minimal: Load, seconds: float) -> Figures:
    address = f"{url}{question.path}"
    if question.is_export:
        # Rows of one answer in so many seconds.
        rows = question.rows().count()
        load = read_once(address)
        return Figures(
            name=question.name,
            is_page=False,
            is_export=True,
            per_second=load.per_second * rows,
            p50_ms=load.quantile_ms(0.5),
            p99_ms=load.quantile_ms(0.99),
            answer_bytes=load.answer_bytes,
            anew_ms=None,
            kept_per_second=None,
            unchanged_per_second=None,
            minimal_per_second=minimal.per_second * rows,
            pgbench_per_second=_in_postgres(question, seconds) * rows,
        )
    headers = AS_BROWSERS if question.is_page else {}
    kept = ask_for(address, seconds=seconds, headers=headers)
    load = kept if question.is_page else ask_for(address, seconds=seconds, headers=ANEW)
    etag = {"If-None-Match": etag_of(address, headers)}
    unchanged = ask_for(address, seconds=seconds, expects=304, headers=headers | etag)
    return Figures(
        name=question.name,
        is_page=question.is_page,
        is_export=False,
        per_second=load.per_second,
        p50_ms=load.quantile_ms(0.5),
        p99_ms=load.quantile_ms(0.99),
        answer_bytes=load.answer_bytes,
        anew_ms=ask_for(address, seconds=seconds, headers=headers | ANEW, connections=1).quantile_ms(0.5),
        kept_per_second=kept.per_second,
        unchanged_per_second=unchanged.per_second,
        minimal_per_second=minimal.per_second,
        pgbench_per_second=_in_postgres(question, seconds),
    )


def _minimal(address: str, question: Question, seconds: float) -> Load:
    return read_once(address) if question.is_export else ask_for(address, seconds=seconds)


def _in_postgres(question: Question, seconds: float) -> float:
    database_url = os.environ["DATABASE_URL"]
    if question.is_export:
        return 1 / copy_s(question.sql(), database_url=database_url)
    with tempfile.TemporaryDirectory() as folder:
        return transactions_per_s(question.sql(), database_url=database_url, seconds=seconds, folder=Path(folder))


@contextmanager
def _served(settings: str) -> Iterator[str]:
    """The server program of `make up` with these settings."""
    port = next(port for port in range(26000, 27000, 2) if is_port_free(port))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "LOG_LEVEL": "WARNING"}
    process = subprocess.Popen(web(Ports(port)).command, env=environment, preexec_fn=lifeline(signal.SIGTERM))
    url = f"http://{HOST}:{port}"
    try:
        _wait_until_ready(process, f"{url}/0" if settings == MINIMAL else f"{url}/readyz")
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = perf_counter() + READY_WITHIN_S
    while process.poll() is None and perf_counter() < deadline:
        with suppress(OSError):
            read_once(url)
            return
        sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


if __name__ == "__main__":
    sys.exit(main())
