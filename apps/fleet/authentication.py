"""Who calls: agents by their bearer token."""

import hmac

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.authentication import bearer
from apps.accounts.models import User
from apps.core.tokens import split_token
from apps.fleet.actions import AGENT_PREFIX
from apps.fleet.models import Agent, AgentStatus

REFUSED = "This agent token is wrong or revoked, or its owner's account is closed: enrol the agent with a new code."
CLOSED = "The account of this agent's owner is closed: enrol it with a code of another account."


def find_agent(token: str) -> Agent | None:
    """The agent of a token, None for one that is wrong or revoked, or whose owner's account is closed."""
    agent = _holder(token)
    return agent if agent and agent.status != AgentStatus.REVOKED and agent.owner.is_active else None


def refusal(token: str) -> str:
    """Why `find_agent` has none; only to whoever holds the agent's own secret more than that it is refused."""
    agent = _holder(token)
    if agent is None:
        return REFUSED
    if agent.revoked_at is None:
        return CLOSED
    at = f"{agent.revoked_at:%Y-%m-%d %H:%M} UTC"
    return (
        f"Agent {agent.name} was revoked {at}, which is for good: enrol it again with a new code of the page /agents."
    )


def _holder(token: str) -> Agent | None:
    parts = split_token(token, AGENT_PREFIX)
    if parts is None:
        return None
    public_id, secret_digest = parts
    agent = Agent.objects.select_related("owner").filter(public_id=public_id).first()
    return agent if agent and hmac.compare_digest(agent.digest, secret_digest) else None


class AgentAuthentication(BaseAuthentication):
    """`request.auth` is the agent, `request.user` its owner."""

    def authenticate(self, request: Request) -> tuple[User, Agent] | None:
        token = bearer(request)
        if token is None:
            return None
        agent = find_agent(token)
        if agent is None:
            raise AuthenticationFailed(refusal(token))
        return agent.owner, agent

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="zooboard agent"'


class IsAgent(BasePermission):
    message = "Only an enrolled agent may call this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Agent)
