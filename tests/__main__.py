"""`python -m tests`: the whole suite in two pytest processes side by side, each with servers of its own.

One has the agent, the REST API and the pages, the other one everything else. Together they take little longer than the
slower half. A single pytest does the same work one after the other.
"""

import subprocess
import sys
from tempfile import TemporaryFile

FIRST = ("tests/runners", "tests/api", "tests/board")
PYTEST = (sys.executable, "-m", "pytest")


def main() -> int:
    """Exit code: of a half that failed, 0 when both passed. The first half is shown when both are over."""
    with TemporaryFile() as output:
        first = subprocess.Popen([*PYTEST, *FIRST], stdout=output, stderr=subprocess.STDOUT)
        try:
            rest = subprocess.run([*PYTEST, *(f"--ignore={folder}" for folder in FIRST)], check=False)
            first.wait()
        finally:
            first.kill()
        output.seek(0)
        sys.stdout.buffer.write(output.read())
    return rest.returncode or first.returncode


if __name__ == "__main__":
    sys.exit(main())
