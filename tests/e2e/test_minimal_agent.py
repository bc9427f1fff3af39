"""The agent of the documentation, which knows the protocol's page and nothing of `runners`, on a real site."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT
from tests.e2e.stack import LATENCY, MODELS, TIMED, Stack, states

pytestmark = pytest.mark.timeout(720)

AGENT = ROOT / "docs" / "examples" / "minimal_agent.py"


def agent(site: str, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Alone with the standard library: `-I` keeps everything else off its path."""
    command = [sys.executable, "-I", str(AGENT), site, code, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=480, check=False)


def test_agent_written_from_the_page_alone_measures_and_is_accepted(stack: Stack, tmp_path: Path) -> None:
    run_id = stack.ask_for_run(MODELS[0], LATENCY, engine="stub")

    done = agent(stack.url, stack.command("enrolment_code"), tmp_path / "state")

    assert (done.returncode, done.stdout.strip()) == (0, "Stored; it waits for acceptance."), done
    run = stack.wait_for_run(run_id)
    assert states(run) == ["accepted"]
    assert {row["metric"] for row in stack.results_of(run_id)} == TIMED
    [[log]] = stack.sql(
        "SELECT l.text FROM runs_attemptlog l JOIN runs_attempt a ON a.id = l.attempt_id WHERE a.run_id = %s", run_id
    )
    assert [line.split()[1:3] for line in bytes(log).decode().splitlines()] == [
        ["process", f"{n}:"] for n in range(1, 6)
    ]


def test_agent_with_a_wrong_code_shows_what_the_site_says(stack: Stack, tmp_path: Path) -> None:
    done = agent(stack.url, "zbe_nobody_knows-it", tmp_path / "state")

    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no such enrolment code" in done.stderr
