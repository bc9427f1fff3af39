"""A real measurement without a lease, sent in to a real site and found there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT
from tests.e2e.stack import DONE_WITHIN_S, TIMED, Stack
from tests.e2e.waiting import wait_until

pytestmark = pytest.mark.timeout(720)

MODEL = "MobileNetV3_small_x0_35"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "runners", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=480, check=False)


def test_record_is_measured_submitted_and_found_even_when_the_worker_dies_between(stack: Stack, tmp_path: Path) -> None:
    measured = run("measure", MODEL, "--json", cwd=tmp_path)
    assert measured.returncode == 0, measured.stderr
    said = json.loads(measured.stdout)
    agent = stack.agent()
    stack.kill("worker")

    send = ("submit", said["record"], "--state", str(agent.folder.root))
    sent = [run(*send, "--no-wait", cwd=tmp_path) for _ in range(2)]
    stack.flush_valkey()
    stack.start("worker")
    wait_until(lambda: stack.get("/api/v1/results/", origin="submission", model=MODEL)["results"], DONE_WITHIN_S)

    assert [done.returncode for done in sent] == [0, 0], sent
    rows = {row["metric"]: row for row in stack.get("/api/v1/results/", origin="submission", model=MODEL)["results"]}
    assert set(rows) == TIMED
    assert rows["latency"]["value"] == pytest.approx(said["summary"]["value_ms"], abs=1e-7)
    assert rows["latency"]["artifact_of"] == MODEL
    samples = stack.get(f"/api/v1/results/{rows['latency']['id']}/samples/")
    assert samples["count"] == said["summary"]["n"]
    assert "all as recomputed" in stack.command("check_board")
    again = run(*send, cwd=tmp_path)
    assert (again.returncode, "accepted" in again.stdout) == (0, True)
