"""Two clients send the same records at the same time, and one of them is killed in the middle: each is there once."""

import sys
from pathlib import Path

import pytest

from tests.e2e.processes import Process
from tests.e2e.stack import DONE_WITHIN_S, Stack
from tests.e2e.waiting import wait_until
from tests.stated import many, ndjson

pytestmark = pytest.mark.timeout(960)

RECORDS, PER_CALL = 10_000, 500


def client(stack: Stack, token: str, name: str, records: bytes, folder: Path) -> Process:
    file = folder / f"{name}.ndjson"
    file.write_bytes(records)
    command = [sys.executable, "-m", "tests.e2e.submitting_client", stack.url, str(file), str(PER_CALL)]
    return Process(command, {**stack.environment(), "ZOOBOARD_TOKEN": token}, folder / f"{name}.log")


def is_done(process: Process) -> bool:
    assert process.exit_code in (None, 0), process.log()
    return process.exit_code == 0


def test_two_clients_and_a_kill_leave_every_record_once(stack: Stack, tmp_path: Path) -> None:
    token = stack.command("api_token --scope submit")
    records = many(RECORDS)
    first = client(stack, token, "first", ndjson(records), tmp_path)
    # From the other end, so that both meet: two transactions that insert the same rows in opposite orders.
    second = client(stack, token, "second", ndjson(records[::-1]), tmp_path)

    first.start()
    second.start()
    wait_until(lambda: f"{3 * PER_CALL} in" in first.log(), DONE_WITHIN_S, what=first.log)
    first.kill()
    assert f"{RECORDS} in" not in first.log()
    first.start()
    wait_until(lambda: is_done(first) and is_done(second), 2 * DONE_WITHIN_S, what=lambda: first.log() + second.log())

    mine = "SELECT count(*), count(DISTINCT s.submission_id), count(DISTINCT r.submission_id), sum(r.value)"
    tables = "FROM results_submission s JOIN results_result r ON r.submission_id = s.id"
    [row] = stack.sql(f"{mine} {tables} WHERE s.submission_id ~ %s", "^r[0-9]+$")
    assert row[:3] == (RECORDS, RECORDS, RECORDS)
    assert float(row[3]) == pytest.approx(sum(record["value"] for record in records))
    assert "all as recomputed" in stack.command("check_board")


def test_call_whose_answer_was_lost_is_answered_again_with_its_key(stack: Stack) -> None:
    token = stack.command("api_token --scope submit")
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/x-ndjson",
        "Idempotency-Key": "lost-answer",
    }
    body = ndjson(many(100, prefix="lost"))

    first = stack.post("/api/v1/submissions/", content=body, headers=headers)
    stack.kill("web")
    stack.start("web")
    again = stack.post("/api/v1/submissions/", content=body, headers=headers)

    assert first == again
    assert len({row["submission"] for row in first["rows"]}) == 100
