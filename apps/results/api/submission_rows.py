"""Submissions as the API shows them: two queries for a page, however many values it has."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from rest_framework.request import Request

from apps.accounts.models import User
from apps.accounts.permissions import is_administrator
from apps.core.api.filters import Choice, OneOf, Present
from apps.core.api.paging import rows_as, same
from apps.core.errors import NotFound
from apps.core.metrics import METRICS
from apps.results.api import schema
from apps.results.api.views import CHOICES
from apps.results.models import Result, Submission, SubmissionState

SUBMISSION_FIELDS = same("id", "kind", "sha256", "edition", "citation", "created_at") | {
    "record_id": "submission_id",
    "owner": "owner__username",
    "state": "public_state",
    "corrects": "corrects_id",
    "corrected_by": "corrected_by__id",
}

_VALUE_FIELDS = {
    "submission": "submission_id",
    "result": "id",
    "model": "network__name",
    "metric": "metric",
    "configuration": "configuration__slug",
    "value": "value",
    "printed": "printed",
    "evidence": "evidence",
    "withdrawn_at": "withdrawn_at",
    "withdrawn_because": "withdrawn_because",
}


@dataclass(frozen=True)
class _OfValues(Choice):
    """Keeps the submissions of which some value is kept by this choice of the list of results."""

    of: Choice

    def problem(self, value: str, rows: Callable[[], QuerySet[Any]]) -> str:
        return self.of.problem(value, Result.objects.all)

    def chosen(self, name: str, values: Sequence[str], rows: Callable[[], QuerySet[Any]]) -> Q:
        of_values = self.of.chosen(name, values, Result.objects.all)
        results = Result.objects.filter(of_values, is_submission=True)
        return Q(**{f"{self.path}__in": results.values("submission")})

    @property
    def described(self) -> dict[str, Any]:
        return self.of.described


SUBMISSION_CHOICES: dict[str, Choice] = {
    "owner": Present("owner__username"),
    "kind": OneOf("kind", get_args(schema.SubmissionKind)),
    "state": OneOf("public_state", get_args(schema.PublicState)),
    **{name: _OfValues("pk", CHOICES[name]) for name in ("model", "metric", "configuration")},
}

_CHAIN = """
    WITH RECURSIVE earlier AS (
        SELECT id, corrects_id FROM results_submission WHERE id = %s
        UNION ALL SELECT s.id, s.corrects_id FROM results_submission s JOIN earlier ON s.id = earlier.corrects_id
    ), chain AS (
        SELECT id FROM earlier WHERE corrects_id IS NULL
        UNION ALL SELECT s.id FROM results_submission s JOIN chain ON s.corrects_id = chain.id
    )
    SELECT id FROM chain
"""


def submissions_seen_by(request: Request) -> QuerySet[Submission]:
    return _with_state(_seen_by(request))


def one_submission(request: Request, submission_id: int) -> dict[str, Any]:
    """Raises NotFound."""
    rows = rows_as(submissions_seen_by(request).filter(pk=submission_id), SUBMISSION_FIELDS | same("problems"))
    if not rows:
        raise NotFound(f"There is no submission {submission_id}; /api/v1/submissions/ lists them.")
    return with_values(rows)[0] | {"editions": _editions(submission_id)}


def _seen_by(request: Request) -> QuerySet[Submission]:
    """What was accepted is public with its values; the rest concerns its owner and administrators."""
    user, submissions = request.user, Submission.objects.all()
    if is_administrator(request):
        return submissions
    accepted = submissions.filter(state=SubmissionState.ACCEPTED)
    return accepted | submissions.filter(owner=user) if isinstance(user, User) else accepted


def _with_state(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    standing = Exists(Result.objects.standing().filter(submission=OuterRef("pk")))
    return submissions.annotate(
        kind=Case(When(agent=None, then=Value("value")), default=Value("record")),
        public_state=Case(
            When(corrected_by__isnull=False, then=Value("superseded")),
            When(state=SubmissionState.ACCEPTED, then=Case(When(standing, then="state"), default=Value("withdrawn"))),
            default=F("state"),
        ),
    )


def with_values(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    values = defaultdict(list)
    for value in _values(row["id"] for row in rows):
        values[value.pop("submission")].append(value)
    return [row | {"results": values[row["id"]]} for row in rows]


def _values(submission_ids: Iterable[int]) -> list[dict[str, Any]]:
    rows = rows_as(Result.objects.filter(submission__in=list(submission_ids)).order_by("id"), _VALUE_FIELDS)
    for row in rows:
        row["unit"] = METRICS[row["metric"]].unit
        row["printed"] = row["printed"] or None
    return rows


def _editions(submission_id: int) -> list[int]:
    """Ids of all its editions, the first one first."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, [submission_id])
        return [row[0] for row in cursor.fetchall()]
