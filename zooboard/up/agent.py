"""The local agent: enrolled by itself once, and again where the site does not know its token any more."""

import json
from dataclasses import dataclass
from pathlib import Path

from zooboard.up.network import http_status
from zooboard.up.services import AGENT, PYTHON, Ports, django_commands
from zooboard.up.state import State
from zooboard.up.supervisor import Service, Supervisor

NAME = "local"
HEARTBEAT_PATH = "/api/v1/agent/heartbeat"
REFUSED = (401, 403)
# It hands its run back to the site before it goes.
STOP_WITHIN_S = 3.5


@dataclass(frozen=True)
class LocalAgent:
    """The agent of this machine's CPU, owned by the site's owner."""

    supervisor: Supervisor
    state: State
    ports: Ports
    site_url: str

    @property
    def config_path(self) -> Path:
        return self.state.agent / "config.json"

    async def start(self) -> None:
        """Enrol where needed, then run the agent and keep it running.

        Raises: ServiceFailedError.
        """
        await self.enrol_if_needed()
        await self.supervisor.start(
            Service(
                "agent", _runner("start"), stage=AGENT, stop_within_s=STOP_WITHIN_S, before_restart=self.enrol_if_needed
            )
        )

    async def enrol_if_needed(self) -> None:
        """Make sure that the agent has a token which the site accepts.

        Raises: ServiceFailedError.
        """
        if await self.is_enrolled():
            return
        command = django_commands("enrolment_code --owner owner --vetted")
        lines = await self.supervisor.run("enrol", command, is_captured=True)
        code = lines[-1].strip()
        # Looking for phones starts adb's server, which nobody asked for.
        enrol = _runner("enroll", self.site_url, code, "--name", NAME, "--yes", "--no-phones")
        await self.supervisor.run("enrol", enrol)

    async def is_enrolled(self) -> bool:
        """Whether there is a token that the site has not refused."""
        try:
            config = json.loads(self.config_path.read_text())
            token, site = config["token"], config["site"]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        # An empty heartbeat is refused either way; how it is refused tells whether the token is known.
        if await http_status(self.ports.web, HEARTBEAT_PATH, method="POST", token=token) in REFUSED:
            return False
        if site != self.site_url:
            # The same site on another port: the agent keeps its name and history.
            self.config_path.write_text(json.dumps(config | {"site": self.site_url}))
        return True


def _runner(*arguments: str) -> list[str]:
    return [PYTHON, "-m", "runners", *arguments]
