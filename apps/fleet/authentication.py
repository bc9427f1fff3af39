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
from apps.fleet.models import Agent

REFUSED = "This agent token is wrong or revoked, or its owner's account is closed: enrol the agent with a new code."


def find_agent(token: str) -> Agent | None:
    """The agent of a token, None for one that is wrong or revoked, or whose owner's account is closed."""
    parts = split_token(token, AGENT_PREFIX)
    if parts is None:
        return None
    public_id, secret_digest = parts
    callers = Agent.objects.may_call().filter(owner__is_active=True)
    agent = callers.select_related("owner").filter(public_id=public_id).first()
    return agent if agent and hmac.compare_digest(agent.digest, secret_digest) else None


class AgentAuthentication(BaseAuthentication):
    """`request.auth` is the agent, `request.user` its owner."""

    def authenticate(self, request: Request) -> tuple[User, Agent] | None:
        token = bearer(request)
        if token is None:
            return None
        agent = find_agent(token)
        if agent is None:
            raise AuthenticationFailed(REFUSED)
        return agent.owner, agent

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="zooboard agent"'


class IsAgent(BasePermission):
    message = "Only an enrolled agent may call this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Agent)
