"""Whether an agent's program is older than this site's."""

import re

from apps.fleet.models import Agent
from runners import __version__, wire


def upgrade_advice(agent: Agent) -> str:
    """What to say of an agent's release; empty for one that is as new as the site's."""
    install = f"install zooboard-runner {__version__}"
    if agent.wire_version < wire.WIRE_VERSION - 1:
        return f"Its release {agent.runner_version} is too old for this site, which refuses its calls: {install}."
    if agent.wire_version < wire.WIRE_VERSION:
        return f"Its release {agent.runner_version} must be upgraded before the site's next release: {install}."
    if _numbers(agent.runner_version) < _numbers(__version__):
        return f"Its release {agent.runner_version} is older than this site's: {install}."
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
