"""`python -m tests`: the whole suite in three pytest processes side by side, each with servers of its own.

One has the agent, one the sites of real processes, one everything else. The sites wait most of the time, but not for a
processor: the other two give way to them. A single pytest does the same work one after the other.
"""

import subprocess
import sys
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO

SITES = ("tests/up", "tests/e2e")
PAGES = "tests/e2e/pages"
AGENT = ("tests/runners", "tests/simulated_phone")
PYTEST = (sys.executable, "-m", "pytest")
GIVING_WAY = ("nice", "-n", "5", *PYTEST)


def main() -> int:
    """Exit code: of a part that failed, 0 when all passed. Two parts are shown when the third is over."""
    others = [f"--ignore={folder}" for folder in (*AGENT, "tests/up")]
    with ExitStack() as cleanup:
        agent = _start(cleanup, *GIVING_WAY, *AGENT)
        sites = _start(cleanup, *PYTEST, *SITES, f"--ignore={PAGES}")
        rest = subprocess.run([*GIVING_WAY, *others, "--ignore-glob=tests/e2e/test_*.py"], check=False).returncode
        codes = [rest, *(_shown(*started) for started in (sites, agent))]
    return next((code for code in codes if code), 0)


def _start(cleanup: ExitStack, *command: str) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    """A part whose output waits in a file; it is killed where the others are not waited for."""
    output = TemporaryFile()  # noqa: SIM115 - it is closed with all others
    cleanup.callback(output.close)
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    cleanup.callback(process.kill)
    return process, output


def _shown(process: subprocess.Popen[bytes], output: IO[bytes]) -> int:
    code = process.wait()
    output.seek(0)
    sys.stdout.buffer.write(output.read())
    sys.stdout.buffer.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
