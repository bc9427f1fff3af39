"""A real agent, `python -m runners start`, with a state folder of its own."""

import re
import sys
from pathlib import Path

from runners import __version__, wire
from runners.client import SiteClient
from runners.config import Config, StateFolder
from tests.e2e.processes import Process
from tests.e2e.waiting import wait_until

SAYS_WITHIN_S = 40.0


class AgentProcess(Process):
    """Enrolled with a one-time code; what it says is in `log()`."""

    def __init__(self, *, site: str, code: str, name: str, root: Path, is_simulated: bool) -> None:
        client = SiteClient(site)
        answer = client.enrol(wire.EnrolRequest(code=code, name=name, runner_version=__version__))
        client.close()
        self.name, self.public_id = name, answer.agent_id
        self.folder = StateFolder(root)
        self.folder.create()
        self.folder.save(
            Config(site=site, agent_id=answer.agent_id, name=name, token=answer.token, is_simulated=is_simulated)
        )
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(root), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "runners", "start", "--state", str(root)]
        super().__init__(command, environment, root / "log")

    def wait_until_it_says(self, pattern: str, *, within_s: float = SAYS_WITHIN_S) -> None:
        """Wait for a line that matches; it may have been said before."""
        wait_until(lambda: re.search(pattern, self.log()), within_s, what=self.log)
