"""The agent's upload of a result."""

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.body import read_body, read_json
from apps.core.api.errors import parse
from apps.core.api.schema import problems
from apps.core.background import on_commit
from apps.fleet.api.base import AgentView
from apps.results.actions.submit import accept_submission, store_submission
from apps.results.models import SubmissionState
from apps.results.tasks import accept, accept_submitted
from apps.runs.actions.outcomes import store_result
from apps.runs.api.agent import AnyParser
from apps.runs.models import AttemptState
from runners import wire

DETAILS = {
    AttemptState.SUBMITTED: "Stored; it waits for acceptance.",
    AttemptState.ACCEPTED: "Stored and accepted.",
    AttemptState.QUARANTINED: "Stored in quarantine: see the run's page for the reason.",
    AttemptState.CANCELLED: "Stored; the run was cancelled.",
}


class ResultView(AgentView):
    """Stores a result and ends its lease. The same bytes again are answered the same, other bytes are a 409."""

    parser_classes = [AnyParser]

    @extend_schema(
        request=wire.ResultRequest,
        responses={200: wire.ResultAnswer, 202: wire.ResultAnswer, **problems(400, 401, 403, 409, 413, 422)},
        tags=["agent"],
    )
    def post(self, request: Request) -> Response:
        body = read_body(request, limit_bytes=settings.MAX_RESULT_BYTES)
        message = parse(wire.ResultRequest, read_json(body))
        attempt, is_new = store_result(agent=self.agent(request), message=message, body=body, at=timezone.now())
        if attempt.state == AttemptState.SUBMITTED:
            on_commit(accept, attempt.pk)
        state = AttemptState(attempt.state)
        answer = wire.ResultAnswer(state=attempt.state, detail=DETAILS.get(state, f"Stored ({state.label})."))
        return Response(answer.model_dump(mode="json"), status=202 if is_new else 200)


SUBMISSION_DETAILS = {
    SubmissionState.SUBMITTED: "Stored; it waits for acceptance.",
    SubmissionState.ACCEPTED: "Stored and accepted, as an unvetted submission.",
}


class SubmissionView(AgentView):
    """Stores a record that was measured without a lease. The same bytes again are answered with what became of them.

    A refused one is judged again first.
    """

    parser_classes = [AnyParser]

    @extend_schema(
        request=wire.SubmissionRequest,
        responses={200: wire.SubmissionAnswer, 202: wire.SubmissionAnswer, **problems(400, 401, 403, 409, 413, 422)},
        tags=["agent"],
    )
    def post(self, request: Request) -> Response:
        body = read_body(request, limit_bytes=settings.MAX_RESULT_BYTES)
        message = parse(wire.SubmissionRequest, read_json(body))
        submission, is_new = store_submission(agent=self.agent(request), message=message, body=body, at=timezone.now())
        if submission.state == SubmissionState.REFUSED:
            # At once, so that one call says whether the cause is gone: its model may have been imported meanwhile.
            accept_submission(submission_pk=submission.pk, at=timezone.now())
            submission.refresh_from_db()
        elif submission.state == SubmissionState.SUBMITTED:
            on_commit(accept_submitted, submission.pk)
        state = SubmissionState(submission.state)
        detail = SUBMISSION_DETAILS.get(state) or " ".join(submission.problems)
        answer = wire.SubmissionAnswer(state=state.value, detail=detail)
        return Response(answer.model_dump(mode="json"), status=202 if is_new else 200)
