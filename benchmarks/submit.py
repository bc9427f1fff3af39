"""Sending 10,000 results in a call over HTTP, beside a bare COPY of the same rows into the same Postgres."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import httpx
import orjson

from benchmarks.site import site

ROWS, ROUNDS = 10_000, 5
LEAST_PER_S = 3_000
VISIBLE_WITHIN_S = 2.0
TIMEOUT_S = 120
COLUMNS = (
    ("sd855-bs1-t1", "snapdragon-855", ("ncnn", "tflite", "mnn", "paddle-lite", "onnxruntime")),
    ("t4-fp16-bs1", "tesla-t4", ("onnxruntime-tensorrt", "onnxruntime-cuda", "trtexec")),
)
"""(protocol, device kind, engines): with 32 models 256 cells, so about 40 results each in a call."""


@dataclass(frozen=True)
class Round:
    """Seconds. `visible_s` is from the end of the call until the last of its results is in a list and in its cell."""

    call_s: float
    visible_s: float
    copy_s: float


def main() -> int:
    with tempfile.TemporaryDirectory() as root, site(Path(root)) as (url, _):
        token = _token()
        with httpx.Client(
            base_url=f"{url}/api/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT_S
        ) as api:
            models = _models(api)
            rounds = [_round(api, models, number) for number in range(ROUNDS + 1)]
    # The first one imports what the site needs and makes the configurations.
    return _report(rounds[1:])


def _token() -> str:
    from django.utils import timezone

    from apps.accounts.actions import create_token, ensure_owner
    from apps.accounts.models import Scope

    now = timezone.now()
    owner = ensure_owner(username="bench", at=now)
    return create_token(user=owner, name="bench", scopes=[Scope.SUBMIT], at=now)


def _models(api: httpx.Client) -> list[str]:
    """Without the int8 model: nothing says how fast the hardware executes it at most, so it would be checked less."""
    rows = api.get("models/", params={"limit": 1000}).raise_for_status().json()["results"]
    return [row["name"] for row in rows if row["precision"] != "int8"]


def _round(api: httpx.Client, models: list[str], number: int) -> Round:
    body = b"\n".join(orjson.dumps(record) for record in _records(models, number))
    began = perf_counter()
    report = api.post("submissions/", content=body, headers={"Content-Type": "application/x-ndjson"})
    ended = perf_counter()
    told = report.raise_for_status().json()
    if told["stored"] != ROWS:
        raise RuntimeError(f"stored were {told['stored']} of {ROWS}")
    _wait_until_visible(api, told["rows"][-1])
    visible = perf_counter()
    return Round(ended - began, visible - ended, _bare_copy(told["rows"]))


def _records(models: list[str], number: int) -> Iterator[dict[str, Any]]:
    draw = Random(number)
    places = [(protocol, device, engine) for protocol, device, engines in COLUMNS for engine in engines]
    for row in range(ROWS):
        protocol, device, engine = places[row % len(places)]
        yield {
            "record_id": f"bench-{number}-{row}",
            "model": models[draw.randrange(len(models))],
            "metric": "latency",
            "protocol": protocol,
            "engine": engine,
            "engine_release": "1.0",
            "device": device,
            "value": round(draw.uniform(20_000, 200_000), 1),
            "unit": "us",
            "evidence": "summary",
            "statistic": "mean of 30 after 10",
            "n": 30,
            "measured_at": "2026-01-31T12:00:00Z",
        }


def _wait_until_visible(api: httpx.Client, last: dict[str, Any]) -> None:
    """In a list, and in the cell of its column."""
    while True:
        result = api.get(f"results/{last['result']}/")
        if result.status_code == 200 and _is_visible(api, result.json()):
            return


def _is_visible(api: httpx.Client, row: dict[str, Any]) -> bool:
    wanted = {"origin": "submission", "model": row["model"], "updated_since": row["updated_at"], "limit": 1000}
    listed = api.get("results/", params=wanted).raise_for_status().json()["results"]
    column = f"submitted.{row['metric']}.{row['configuration']}"
    board = api.get("leaderboard/", params={"columns": column}).raise_for_status().json()
    [cell] = [each["cells"][column] for each in board["rows"] if each["model"] == row["model"]]
    # Newer ones of the same call may fill the cell.
    return row["id"] in [each["id"] for each in listed] and cell is not None and cell["result"] >= row["id"]


def _bare_copy(rows: list[dict[str, Any]]) -> float:
    """The rows of both tables once more, into tables of the same shape, indexes and checks without foreign keys."""
    from django.db import connection

    ids = [[row["submission"] for row in rows], [row["result"] for row in rows]]
    with connection.cursor() as cursor:
        spent = 0.0
        for table, chosen in zip(("results_submission", "results_result"), ids, strict=True):
            cursor.execute(f"DROP TABLE IF EXISTS bare_{table}")
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
            columns = _stored_columns(cursor, table)
            with cursor.copy(f"COPY (SELECT {columns} FROM {table} WHERE id = ANY(%s)) TO STDOUT", [chosen]) as out:  # noqa: S608
                data = b"".join(bytes(block) for block in out)
            began = perf_counter()
            with cursor.copy(f"COPY bare_{table} ({columns}) FROM STDIN") as into:
                into.write(data)
            spent += perf_counter() - began
    return spent


def _stored_columns(cursor: Any, table: str) -> str:
    cursor.execute(
        "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns "
        "WHERE table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    columns: str = cursor.fetchone()[0]
    return columns


def _report(rounds: list[Round]) -> int:
    per_s = [ROWS / each.call_s for each in rounds]
    for each, speed in zip(rounds, per_s, strict=True):
        bare = ROWS / each.copy_s
        print(f"  {speed:,.0f} results/s; visible after {each.visible_s * 1e3:.0f} ms; bare COPY {bare:,.0f} rows/s")
    ratio = median(each.copy_s / each.call_s for each in rounds)
    slowest = max(each.visible_s for each in rounds)
    is_accepted = median(per_s) >= LEAST_PER_S and slowest <= VISIBLE_WITHIN_S
    print(
        f"submit: median {median(per_s):,.0f} results/s, {ratio:.2f} of a bare COPY; the slowest of {len(rounds)} "
        f"was visible after {slowest * 1e3:.0f} ms: {'accepted' if is_accepted else 'NOT accepted'}"
    )
    return 0 if is_accepted else 1


if __name__ == "__main__":
    sys.exit(main())
