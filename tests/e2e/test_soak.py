"""A short soak: `benchmarks.soak` with few agents, a site of its own and everything that it breaks."""

import os
import subprocess
import sys

from tests.e2e.processes import ROOT

WITHIN_S = 680
SHORT_LEASES = {**os.environ, "ZOOBOARD_LEASE_S": "9", "ZOOBOARD_HEARTBEAT_EVERY_S": "2"}
"""A run of a killed agent comes back when its lease is over."""


def test_nothing_is_lost_or_doubled_while_agents_web_and_valkey_are_killed() -> None:
    command = [sys.executable, "-m", "benchmarks.soak", "--agents", "10", "--runs", "32", "--run-seconds", "0.5"]

    done = subprocess.run(
        command, cwd=ROOT, env=SHORT_LEASES, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )

    # Its exit code also judges how fast pages are, which a test must not.
    assert (
        "0 runs lost, 0 runs done by another number of accepted attempts than one, 0 runs failed without a reason, "
        "0 values too many or missing"
    ) in done.stdout, done.stdout + done.stderr
