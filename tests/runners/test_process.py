"""The real process, `python -m runners`, against a site over real HTTP."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runners.drain import EXIT_AT_ONCE
from runners.execute import WAITING_PHASE, pinned_cpus
from tests.runners.burner import burning
from tests.runners.site_double import Reply, SiteDouble, make_order, problem

ROOT = Path(__file__).parents[2]
LONG_S = 60.0


def command(*arguments: str, state: Path) -> list[str]:
    return [sys.executable, "-m", "runners", *arguments, "--state", str(state)]


def run(*arguments: str, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments, state=state), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )


@contextmanager
def started(state: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command("start", *options, state=state), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_sigterm_in_the_middle_of_a_run_hands_it_back_and_exits_0(site: SiteDouble, state: Path) -> None:
    site.offer(make_order(min_duration_s=LONG_S))
    with started(state) as agent:
        site.wait_for("heartbeat", count=4)

        agent.send_signal(signal.SIGTERM)
        output, _ = agent.communicate(timeout=10)

    assert agent.returncode == 0, output
    assert [call.json()["lease_token"] for call in site.calls("release")] == ["lease-70"]
    assert "the run is back in the queue" in output


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can pin a burning process to a core")
def test_agent_that_refuses_a_busy_host_says_that_it_waits_and_hands_the_run_back_when_stopped(
    site: SiteDouble, state: Path
) -> None:
    site.offer(make_order())
    with burning(pinned_cpus(1, is_simulated=False)), started(state, "--busy-host", "refuse") as agent:
        assert agent.stdout is not None
        while WAITING_PHASE not in agent.stdout.readline():
            assert agent.poll() is None

        agent.send_signal(signal.SIGTERM)
        agent.communicate(timeout=10)

    assert agent.returncode == 0
    assert [call.json()["lease_token"] for call in site.calls("release")] == ["lease-70"]
    assert site.calls("result") == []


def test_a_site_that_hangs_does_not_keep_a_stopped_agent(site: SiteDouble, state: Path) -> None:
    site.offer(make_order(min_duration_s=LONG_S))
    site.script("release", Reply(is_held=True))
    with started(state) as agent:
        site.wait_for("heartbeat", count=4)

        agent.send_signal(signal.SIGTERM)
        output, _ = agent.communicate(timeout=15)

    assert agent.returncode == 0
    assert "will notice when the lease ends" in output


def test_a_second_signal_ends_the_process_at_once(site: SiteDouble, state: Path) -> None:
    site.offer(make_order(min_duration_s=LONG_S))
    site.script("release", Reply(is_held=True))
    with started(state) as agent:
        site.wait_for("heartbeat", count=4)
        agent.send_signal(signal.SIGINT)
        site.wait_for("release")

        agent.send_signal(signal.SIGINT)
        agent.communicate(timeout=5)

    assert agent.returncode == EXIT_AT_ONCE


def test_a_result_survives_kill_9_and_is_uploaded_by_the_next_start_with_the_same_bytes(
    site: SiteDouble, state: Path
) -> None:
    site.offer(make_order())
    site.script("result", *[problem(503, "Down.")] * 100)
    with started(state) as agent:
        [first] = site.wait_for("result")[:1]
        agent.kill()
        agent.communicate(timeout=10)
    tried = len(site.calls("result"))
    site.forget_script("result")

    with started(state):
        again = site.wait_for("result", count=tried + 1)[tried]

    assert again.body == first.body
    assert len(site.leases) == 1


def test_two_agents_do_not_share_a_state_folder(site: SiteDouble, state: Path) -> None:
    with started(state) as agent:
        site.wait_for("lease")

        second = run("start", state=state)

        assert second.returncode == 1
        assert f"Another agent (pid {agent.pid}) uses" in second.stderr
