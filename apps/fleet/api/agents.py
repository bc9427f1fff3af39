"""The fleet for everybody, and for owners what they do with their agents."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.accounts.permissions import MayManageAgents, is_administrator
from apps.core.api.errors import parse
from apps.core.api.filters import Flag, OneOf, Present
from apps.core.api.listing import described
from apps.core.api.lists import ListView
from apps.core.api.paging import rows_as, same
from apps.core.api.schema import problems
from apps.core.api.views import ApiView
from apps.core.errors import NotAllowed, NotFound
from apps.fleet import actions
from apps.fleet.api import schema
from apps.fleet.enrolling import enrol_command
from apps.fleet.models import Agent, AgentStatus, Attachment, Serves

AGENT_FIELDS = {"id": "public_id"} | same(
    "name", "status", "serves", "accepts_uploads", "trust_tier", "tags", "runner_version", "enrolled_at",
    "last_seen_at",
)  # fmt: skip


_OF_STATE = ("status", "enrolled_at", "last_seen_at")


@described("agents", tag="fleet")
class AgentsView(ListView):
    """Registered agents: name, state, devices, last contact. No secrets, and nothing that identifies a machine."""

    page = schema.AgentPage
    fields = AGENT_FIELDS
    choices = {
        "status": OneOf("status", AgentStatus.values),
        "serves": OneOf("serves", Serves.values),
        "accepts_uploads": Flag("accepts_uploads"),
        "runner_version": Present("runner_version"),
    }
    ranges = ("trust_tier", "enrolled_at", "last_seen_at")
    sorts = ("name", *ranges)

    def rows(self) -> QuerySet[Any]:
        return Agent.objects.in_fleet()

    def finished(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return _with_devices(rows)

    def beside(self) -> dict[str, Any]:
        return {"online_within_s": settings.AGENT_ONLINE_S}


class EnrolmentCodesView(ApiView):
    """A one-time code with which an agent of yours enrols; it is in this answer only."""

    permission_classes = [MayManageAgents]

    @extend_schema(request=None, responses={201: schema.NewCode, **problems(401, 403)}, tags=["fleet"])
    def post(self, request: Request) -> Response:
        assert isinstance(request.user, User)
        now = timezone.now()
        code = actions.create_enrolment_code(owner=request.user, at=now)
        expires_at = now + timedelta(seconds=settings.ENROLMENT_CODE_S)
        return Response({"code": code, "command": enrol_command(code), "expires_at": expires_at}, status=201)


class OneAgentView(ApiView):
    """One agent. Its owner and administrators see more, set what it may do, and delete it.

    DELETE retires an agent whose results need their origin: it is revoked, and the fleet shows it no more.
    """

    permission_classes = [IsAuthenticatedOrReadOnly, MayManageAgents]

    @extend_schema(responses={200: schema.OneAgent, **problems(400, 404)}, tags=["fleet"])
    def get(self, request: Request, agent_id: str) -> Response:
        return Response(_agent_json(request, _find(agent_id)))

    @extend_schema(
        request=schema.AgentPatch, responses={200: schema.OneAgent, **problems(401, 403, 404, 422)}, tags=["fleet"]
    )
    def patch(self, request: Request, agent_id: str) -> Response:
        agent, user = _managed(request, agent_id)
        changes = parse(schema.AgentPatch, request.data)
        if changes.trust_tier is not None and not is_administrator(request):
            raise NotAllowed("Only an administrator may say how far an agent is trusted; a token needs `admin` for it.")
        actions.change_agent(
            agent=agent, changes=actions.AgentChanges(**changes.model_dump()), by=user, at=timezone.now()
        )
        return Response(_agent_json(request, _find(agent_id)))

    @extend_schema(responses={204: None, **problems(401, 403, 404)}, tags=["fleet"])
    def delete(self, request: Request, agent_id: str) -> Response:
        agent, user = _managed(request, agent_id)
        actions.delete_agent(agent=agent, by=user, at=timezone.now())
        return Response(status=204)


class AgentActionView(ApiView):
    """Pause, resume, drain, rotate or revoke an agent. Doing it twice is the same as once; a revoked one is a 409."""

    permission_classes = [MayManageAgents]
    verb = "pause"

    @extend_schema(request=None, responses={200: schema.OneAgent, **problems(401, 403, 404, 409)}, tags=["fleet"])
    def post(self, request: Request, agent_id: str) -> Response:
        agent, user = _managed(request, agent_id)
        actions.OWNER_ACTIONS[self.verb](agent=agent, by=user, at=timezone.now())
        return Response(_agent_json(request, _find(agent_id)))


def _find(agent_id: str) -> Agent:
    agent = Agent.objects.select_related("owner").filter(public_id=agent_id).first()
    if agent is None:
        raise NotFound(f"There is no agent {agent_id}; /api/v1/agents/ lists them.")
    return agent


def _managed(request: Request, agent_id: str) -> tuple[Agent, User]:
    """Raises NotAllowed for another's agent without a token's scope `admin`; the actions refuse everybody else."""
    agent, user = _find(agent_id), request.user
    assert isinstance(user, User)
    if user.is_staff and agent.owner_id != user.pk and not is_administrator(request):
        raise NotAllowed("This agent belongs to somebody else: a token needs the scope `admin` for it.")
    return agent, user


def _agent_json(request: Request, agent: Agent) -> dict[str, Any]:
    [row] = _with_devices(rows_as(Agent.objects.filter(pk=agent.pk), AGENT_FIELDS))
    may_see = request.user.pk == agent.owner_id or is_administrator(request)
    return row | {"private": _private(agent) if may_see else None}


def _with_devices(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with state and devices, by one query for all of them."""
    now = timezone.now()
    attachments = Attachment.objects.filter(agent__public_id__in=[row["id"] for row in rows])
    devices: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for attachment in attachments.select_related("agent", "device__kind").order_by("id"):
        devices[attachment.agent.public_id].append(_device(attachment))
    return [
        row
        | {
            "state": Agent(**{name: row[name] for name in _OF_STATE}).state(at=now),
            "devices": devices[row["id"]],
        }
        for row in rows
    ]


def _device(attachment: Attachment) -> dict[str, Any]:
    device = attachment.device
    is_healthy = device.is_healthy_with(attachment.agent_id)
    return {
        "kind": device.kind.slug,
        "engines": attachment.engines,
        "last_seen_at": attachment.last_seen_at,
        "unhealthy_since": None if is_healthy else device.unhealthy_since,
        "unhealthy_reason": "" if is_healthy else device.unhealthy_reason,
    }


def _private(agent: Agent) -> dict[str, Any]:
    attachments = agent.attachments.select_related("device__kind").order_by("id")
    return {
        "owner": agent.owner.username,
        "served_users": _names(agent.served_users.all()),
        "wire_version": agent.wire_version,
        "clock_skew_s": agent.clock_skew_s,
        "datasets": agent.datasets,
        "rotation_requested_at": agent.rotation_requested_at,
        "revoked_at": agent.revoked_at,
        "retired_at": agent.retired_at,
        "devices": [
            {"id": device.pk, "kind": device.kind.slug, "fingerprint": device.fingerprint, "facts": device.facts}
            for device in (attachment.device for attachment in attachments)
        ],
    }


def _names(users: Iterable[User]) -> list[str]:
    return sorted(user.username for user in users)
