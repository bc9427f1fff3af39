"""`python -m tests`: the whole suite in two pytest processes side by side, each with servers of its own.

One has the agent, whose tests mostly wait for child processes, the other one the site. Together they take little longer
than the slower half. A single pytest does the same work one after the other.
"""

import subprocess
import sys
from tempfile import TemporaryFile

AGENT = "tests/runners"
PYTEST = (sys.executable, "-m", "pytest")


def main() -> int:
    """Exit code: of the first half that failed, 0 when both passed. The agent's half is shown when both are over."""
    with TemporaryFile() as output:
        agent = subprocess.Popen([*PYTEST, AGENT], stdout=output, stderr=subprocess.STDOUT)
        try:
            site = subprocess.run([*PYTEST, f"--ignore={AGENT}"], check=False)
            agent.wait()
        finally:
            agent.kill()
        output.seek(0)
        sys.stdout.buffer.write(output.read())
    return site.returncode or agent.returncode


if __name__ == "__main__":
    sys.exit(main())
