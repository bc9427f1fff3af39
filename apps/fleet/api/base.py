"""What every endpoint of the agent protocol shares."""

from django.conf import settings
from django.utils import timezone
from rest_framework.request import Request

from apps.core.api.views import ApiView
from apps.core.errors import UserError
from apps.fleet.authentication import AgentAuthentication, IsAgent
from apps.fleet.models import Agent
from runners import wire

ACCEPTED_WIRE_VERSIONS = (wire.WIRE_VERSION, wire.WIRE_VERSION - 1)


class UpgradeRequired(UserError):
    status = 426
    type = "upgrade-required"
    title = "Upgrade required"


def check_wire_version(version: int) -> None:
    """Raises UpgradeRequired for an agent that is too old, or newer than the site."""
    if version not in ACCEPTED_WIRE_VERSIONS:
        known = " and ".join(str(v) for v in ACCEPTED_WIRE_VERSIONS if v > 0)
        raise UpgradeRequired(
            f"This site speaks wire version {known}, the agent {version}: install the zooboard-runner of this site."
        )


def agent_settings(agent: Agent) -> wire.AgentSettings:
    return wire.AgentSettings(
        lease_url=settings.LEASE_URL,
        heartbeat_every_s=settings.HEARTBEAT_EVERY_S,
        server_time=timezone.now(),
        is_draining=agent.is_draining,
        should_rotate=agent.rotation_requested_at is not None,
        refused_devices=agent.refused_devices,
    )


class AgentView(ApiView):
    """An endpoint that only enrolled agents reach."""

    authentication_classes = [AgentAuthentication]
    permission_classes = [IsAgent]

    @staticmethod
    def agent(request: Request) -> Agent:
        assert isinstance(request.auth, Agent)
        return request.auth
