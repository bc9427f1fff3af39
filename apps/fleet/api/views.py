"""Enrolment and token rotation, by agents themselves."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.errors import parse
from apps.core.api.schema import problems
from apps.core.api.throttling import OpenScopedRateThrottle
from apps.core.api.views import ApiView
from apps.fleet import actions
from apps.fleet.api.base import AgentView, agent_settings, check_wire_version
from runners import wire


class EnrolView(ApiView):
    """A one-time code becomes an agent; its token is shown in this answer only."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]
    throttle_classes = [OpenScopedRateThrottle]
    throttle_scope = "enrol"

    @extend_schema(
        request=wire.EnrolRequest,
        responses={201: wire.EnrolAnswer, **problems(400, 403, 422, 426, 429)},
        tags=["agent"],
    )
    def post(self, request: Request) -> Response:
        message = parse(wire.EnrolRequest, request.data)
        check_wire_version(message.wire_version)
        agent, token = actions.enrol_agent(request=message, at=timezone.now())
        answer = wire.EnrolAnswer(
            agent_id=agent.public_id, token=token, name=agent.name, settings=agent_settings(agent)
        )
        return Response(answer.model_dump(mode="json"), status=201)


class RotateView(AgentView):
    """A new token; the old one is refused from the next call on."""

    @extend_schema(request=None, responses={200: wire.RotateAnswer, **problems(401)}, tags=["agent"])
    def post(self, request: Request) -> Response:
        token = actions.rotate_token(agent=self.agent(request), at=timezone.now())
        return Response(wire.RotateAnswer(token=token).model_dump(mode="json"))
