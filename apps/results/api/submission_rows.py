"""Submissions as the API shows them: two queries for a page, however many values it has."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When
from rest_framework.request import Request

from apps.accounts.models import User
from apps.accounts.permissions import is_administrator
from apps.catalog.models import Configuration, Network
from apps.core.api.paging import NEWEST_FIRST, page_of, rows_as, same
from apps.core.errors import NotFound, UserError
from apps.core.metrics import METRICS
from apps.results.models import Result, Submission, SubmissionState

SUBMISSION_FILTERS = ("owner", "model", "metric", "configuration")

_FIELDS = same("id", "kind", "sha256", "edition", "citation", "created_at") | {
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

_NAMED: dict[str, tuple[QuerySet[Any], str, str]] = {
    "owner": (User.objects.all(), "username", "submissions"),
    "model": (Network.objects.all(), "name", "models"),
    "configuration": (Configuration.objects.all(), "slug", "configurations"),
}
"""What a filter must name: rows, their column, and where they are listed."""

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


def submission_page(request: Request) -> dict[str, Any]:
    page = page_of(request, lambda: _chosen(request), _FIELDS, NEWEST_FIRST)
    return {"next": page.next, "results": _with_values(page.rows)}


def one_submission(request: Request, submission_id: int) -> dict[str, Any]:
    """Raises NotFound."""
    seen = _seen_by(request).filter(pk=submission_id)
    rows = rows_as(_with_state(seen), _FIELDS | same("problems"))
    if not rows:
        raise NotFound(f"There is no submission {submission_id}; /api/v1/submissions/ lists them.")
    return _with_values(rows)[0] | {"editions": _editions(submission_id)}


def _seen_by(request: Request) -> QuerySet[Submission]:
    """What was accepted is public with its values; the rest concerns its owner and administrators."""
    user, submissions = request.user, Submission.objects.all()
    if is_administrator(request):
        return submissions
    accepted = submissions.filter(state=SubmissionState.ACCEPTED)
    return accepted | submissions.filter(owner=user) if isinstance(user, User) else accepted


def _chosen(request: Request) -> QuerySet[Submission]:
    submissions = _with_state(_seen_by(request))
    wanted = {name: request.GET[name] for name in SUBMISSION_FILTERS if name in request.GET}
    for name, value in wanted.items():
        _check_exists(name, value)
    if owner := wanted.pop("owner", None):
        submissions = submissions.filter(owner__username=owner)
    if wanted:
        results = Result.objects.filter(**{_VALUE_FIELDS[name]: value for name, value in wanted.items()})
        submissions = submissions.filter(pk__in=results.filter(is_submission=True).values("submission"))
    return submissions


def _check_exists(name: str, value: str) -> None:
    """An unknown name is an error, not an empty list."""
    if name == "metric":
        found, listed_at = value in METRICS, "metrics"
    else:
        rows, column, listed_at = _NAMED[name]
        found = rows.filter(**{column: value}).exists()
    if not found:
        message = f"There is no {name} {value!r}; /api/v1/{listed_at}/ lists them."
        raise UserError(message, [{"field": name, "message": message}])


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


def _with_values(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
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
