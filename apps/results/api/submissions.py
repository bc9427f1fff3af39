"""Sending results in over REST, and what became of what was sent in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import BaseModel, ConfigDict, StringConstraints
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.accounts.permissions import MaySubmit, is_administrator
from apps.core.api.body import read_body
from apps.core.api.errors import parse
from apps.core.api.listing import described
from apps.core.api.lists import ListView
from apps.core.api.paging import NEWEST_FIRST
from apps.core.api.parameters import check_known, one_of
from apps.core.api.renderers import dumps
from apps.core.api.schema import problems
from apps.core.api.views import ApiView
from apps.core.errors import FieldError, InvalidInput, NotAllowed, NotFound, UserError
from apps.results.actions.deliver import Answer, deliver_once
from apps.results.actions.store_stated import Fate, Refused, Reported, store_stated, try_stated
from apps.results.actions.withdraw import withdraw_submission
from apps.results.api import schema
from apps.results.api.submission_rows import (
    SUBMISSION_CHOICES,
    SUBMISSION_FIELDS,
    one_submission,
    submissions_seen_by,
    with_values,
)
from apps.results.models import Submission
from apps.results.stated.reading import MAX_ROWS, READERS, Row, read_rows
from apps.results.stated.shape import PRINTABLE, StatedValue
from apps.runs.api.agent import AnyParser

KEY_HEADER = "Idempotency-Key"
KEY_LENGTH = 200
MOST_ERRORS = 100
"""That a refusal names one by one."""

YES_NO = ("1", "0")
SEND_PARAMETERS = (
    OpenApiParameter(
        "on_error",
        enum=["abort", "report"],
        description="`abort` (default) stores all or nothing; `report` what is valid.",
    ),
    OpenApiParameter("dry_run", enum=list(YES_NO), description="`1` checks and stores nothing."),
    OpenApiParameter(
        KEY_HEADER,
        {"type": "string", "maxLength": KEY_LENGTH, "pattern": "^[ -~]*$"},
        location="header",
        description="The same call with the same key is answered the same for 7 days.",
    ),
)


@dataclass(frozen=True)
class Call:
    """How a body is to be read and stored; `key` is empty without an Idempotency-Key."""

    owner: User
    body: bytes
    media_type: str
    is_partial: bool
    is_dry_run: bool
    key: str

    @property
    def identity(self) -> bytes:
        return b"\n".join([self.media_type.encode(), b"report" if self.is_partial else b"abort", self.body])

    def rows(self) -> list[Row]:
        return read_rows(self.body, self.media_type)


@described("submissions", tag="results")
class SubmissionsView(ListView):
    """What people sent in, newest first; POST sends values in, one or up to 10,000.

    One value is JSON, several are NDJSON with one on each line, or CSV whose first line names the same fields. A value
    is stored once, however often it is sent: it is known by its `record_id`, without one by what it says. They are
    unvetted: in columns of their own, never on the board.
    """

    takes_parameters = ("GET", "POST")
    permission_classes = [IsAuthenticatedOrReadOnly, MaySubmit]
    parser_classes = [AnyParser]
    page = schema.SubmissionPage
    fields = SUBMISSION_FIELDS
    choices = SUBMISSION_CHOICES
    ranges = ("edition", "created_at")
    sorts = ("owner", *ranges)
    order = NEWEST_FIRST

    def rows(self) -> QuerySet[Any]:
        return submissions_seen_by(self.request)

    def finished(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return with_values(rows)

    @extend_schema(
        parameters=list(SEND_PARAMETERS),
        request={"application/json": StatedValue, "application/x-ndjson": str, "text/csv": str},
        responses={
            200: schema.SentReport,
            201: schema.SentReport,
            **problems(400, 401, 403, 409, 413, 415, 422),
        },
        tags=["results"],
    )
    def post(self, request: Request) -> HttpResponse:
        call = _read_call(request)
        if call.key and not call.is_dry_run:
            now = timezone.now()
            answer = deliver_once(owner=call.owner, key=call.key, call=call.identity, act=lambda: _act(call), at=now)
        else:
            answer = _act(call)
        return HttpResponse(answer.body, status=answer.status, content_type="application/json")


class SubmissionView(ApiView):
    """One submission with all its editions, also a refused, superseded or withdrawn one."""

    @extend_schema(responses={200: schema.OneSubmission, **problems(400, 404)}, tags=["results"])
    def get(self, request: Request, submission_pk: int) -> Response:
        return Response(one_submission(request, submission_pk))


class WithdrawRequest(BaseModel):
    """`POST /api/v1/submissions/{submission_pk}/withdraw/`"""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=PRINTABLE)]


class WithdrawSubmissionView(ApiView):
    """Withdraws what one sent in, with a reason; nothing is deleted, and twice is the same as once."""

    permission_classes = [MaySubmit]

    @extend_schema(
        request=WithdrawRequest,
        responses={200: schema.OneSubmission, **problems(400, 401, 403, 404, 422)},
        tags=["results"],
    )
    def post(self, request: Request, submission_pk: int) -> Response:
        submission = Submission.objects.filter(pk=submission_pk).first()
        if submission is None:
            raise NotFound(f"There is no submission {submission_pk}; /api/v1/submissions/ lists them.")
        message = parse(WithdrawRequest, request.data)
        by = _calling_user(request)
        if submission.owner_id != by.pk and not is_administrator(request):
            raise NotAllowed("You withdraw what you sent in yourself; administrators withdraw what anybody did.")
        withdraw_submission(submission=submission, reason=message.reason, by=by, at=timezone.now())
        return Response(one_submission(request, submission_pk))


def _calling_user(request: Request) -> User:
    assert isinstance(request.user, User), "MaySubmit lets nobody else through"
    return request.user


def _read_call(request: Request) -> Call:
    query: QueryDict = request.GET
    check_known(query, ("on_error", "dry_run"))
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    if media_type not in READERS:
        raise UnsupportedMediaType(media_type, f"Send one of {', '.join(READERS)} as Content-Type, not {media_type!r}.")
    return Call(
        owner=_calling_user(request),
        body=read_body(
            request,
            limit_bytes=settings.MAX_SUBMISSION_BYTES,
            advice=f"send at most {MAX_ROWS:,} rows a call, fewer where they have samples",
        ),
        media_type=media_type,
        is_partial=one_of(query, "on_error", ("abort", "report"), "abort") == "report",
        is_dry_run=one_of(query, "dry_run", YES_NO, "0") == "1",
        key=_key(request),
    )


def _key(request: Request) -> str:
    key: str = request.headers.get(KEY_HEADER, "")
    if len(key) > KEY_LENGTH or not (key.isascii() and key.isprintable()):
        message = f"An {KEY_HEADER} has at most {KEY_LENGTH} printable ASCII characters, such as a UUID."
        raise UserError(message, [{"field": KEY_HEADER, "message": message}])
    return key


def _act(call: Call) -> Answer:
    act = try_stated if call.is_dry_run else store_stated
    rows = call.rows()
    try:
        reports = act(owner=call.owner, rows=rows, is_partial=call.is_partial, at=timezone.now())
    except Refused as exc:
        raise _refusal(exc, is_bulk=call.media_type != "application/json") from None
    counts = Counter(report.fate for report in reports)
    return Answer(201 if counts[Fate.STORED] else 200, dumps(_report_json(reports, counts, call)))


def _report_json(reports: Sequence[Reported], counts: Counter[Fate], call: Call) -> dict[str, Any]:
    return {
        "is_dry_run": call.is_dry_run,
        "received": len(reports),
        **{fate.value: counts[fate] for fate in Fate},
        "rows": [
            {
                "row": report.row,
                "status": report.fate.value,
                "submission": report.submission,
                "result": report.result,
                "problems": report.problems,
            }
            for report in reports
        ],
    }


def _refusal(refused: Refused, *, is_bulk: bool) -> InvalidInput:
    """The first problems by row and field; those of a single value by field."""
    errors: list[FieldError] = [
        {
            "field": f"rows.{report.row}.{said['field']}".rstrip(".") if is_bulk else said["field"],
            "message": said["message"],
        }
        for report in refused.reports
        for said in report.problems
    ]
    first = errors[0]
    told = f"{first['field']}: {first['message']}"
    if is_bulk:
        told = f"{len(refused.reports):,} of {refused.of:,} rows are not valid, so none was stored. The first: {told}"
    return InvalidInput(told, errors[:MOST_ERRORS])
