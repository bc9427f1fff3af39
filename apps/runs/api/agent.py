"""The agent's calls while it holds a lease, and the lease call that does not wait."""

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.body import read_body
from apps.core.api.errors import error_body, parse
from apps.core.api.parameters import check_known, integer
from apps.core.api.schema import problems
from apps.core.errors import InvalidInput
from apps.fleet.actions import touch_agent
from apps.fleet.api.base import AgentView, agent_settings
from apps.runs import lease_once
from apps.runs.actions import leases, logs, outcomes
from apps.runs.api import schema
from runners import wire

LEASE_HEADER = "Zooboard-Lease"


class LeaseView(AgentView):
    """Answers at once. Agents use the `lease_url` of the enrolment answer, which waits up to `wait_s`."""

    @extend_schema(
        request=wire.LeaseRequest,
        responses={200: wire.LeaseAnswer, 204: None, **problems(400, 401, 409, 422, 426)},
        tags=["agent"],
    )
    def post(self, request: Request) -> Response:
        message = lease_once.read_request(request.data)
        agent = self.agent(request)
        answer = lease_once.try_lease(agent, lease_once.arrive(agent, message), message)
        return Response(status=204) if answer is None else Response(answer.model_dump(mode="json"))


class HeartbeatView(AgentView):
    """Keeps a lease; the first one precedes measuring. Without a lease token it says "I am here"."""

    @extend_schema(
        request=wire.HeartbeatRequest,
        responses={200: wire.HeartbeatAnswer, **problems(400, 401, 403, 409, 422)},
        tags=["agent"],
    )
    def post(self, request: Request) -> Response:
        message = parse(wire.HeartbeatRequest, request.data)
        agent, now = self.agent(request), timezone.now()
        touch_agent(agent=agent, client_time=message.client_time, at=now)
        if message.lease_token is None:
            answer = wire.HeartbeatAnswer(action="continue", settings=agent_settings(agent))
            return Response(answer.model_dump(mode="json"))
        expires_at = leases.heartbeat(agent=agent, token=message.lease_token, progress=message.progress, at=now)
        answer = wire.HeartbeatAnswer(
            action="continue" if expires_at else "cancel",
            expires_in_s=settings.LEASE_S if expires_at else None,
            settings=agent_settings(agent),
        )
        return Response(answer.model_dump(mode="json"))


class ReleaseView(AgentView):
    """Hands a run back untouched."""

    @extend_schema(request=wire.ReleaseRequest, responses={204: None, **problems(400, 401, 403, 422)}, tags=["agent"])
    def post(self, request: Request) -> Response:
        message = parse(wire.ReleaseRequest, request.data)
        outcomes.release_attempt(
            agent=self.agent(request), token=message.lease_token, reason=message.reason, at=timezone.now()
        )
        return Response(status=204)


class FailView(AgentView):
    """Says why an attempt failed."""

    @extend_schema(request=wire.FailRequest, responses={204: None, **problems(400, 401, 403, 409, 422)}, tags=["agent"])
    def post(self, request: Request) -> Response:
        message = parse(wire.FailRequest, request.data)
        outcomes.fail_attempt(
            agent=self.agent(request),
            token=message.lease_token,
            kind=message.kind,
            reason=message.reason,
            at=timezone.now(),
        )
        return Response(status=204)


class AnyParser(BaseParser):
    """Leaves the body to the view."""

    media_type = "*/*"


class LogView(AgentView):
    """Appends to an attempt's log at a byte offset; 416 says where to go on."""

    takes_parameters = ("PUT",)
    parser_classes = [AnyParser]

    @extend_schema(
        request={"text/plain": str},
        parameters=[
            OpenApiParameter("attempt", int),
            OpenApiParameter("offset", {"type": "integer", "minimum": 0, "maximum": settings.MAX_LOG_BYTES}),
            OpenApiParameter(LEASE_HEADER, str, "header", required=True),
        ],
        responses={200: schema.LogSize, 416: schema.WrongLogOffset, **problems(400, 401, 403, 413, 422)},
        tags=["agent"],
    )
    def put(self, request: Request) -> Response:
        check_known(request.GET, ["attempt", "offset"])
        attempt = leases.find_leased(agent=self.agent(request), token=request.headers.get(LEASE_HEADER, ""))
        if integer(request.GET, "attempt", attempt.pk, low=1, high=2**63 - 1) != attempt.pk:
            raise InvalidInput(f"The lease is of attempt {attempt.pk}; attempt={request.GET['attempt']} is another.")
        offset = integer(request.GET, "offset", 0, low=0, high=settings.MAX_LOG_BYTES)
        try:
            size = logs.append_log(
                attempt=attempt, offset=offset, chunk=read_body(request, limit_bytes=settings.MAX_LOG_BYTES)
            )
        except logs.WrongOffset as exc:
            return Response(
                {**error_body(type=exc.type, title=exc.title, detail=exc.detail), "size": exc.size}, status=416
            )
        return Response({"size": size})
