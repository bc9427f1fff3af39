"""Background work on results. Tasks take ids and may run twice."""

import logging

from celery import shared_task
from django.utils import timezone

from apps.results.actions.accept import accept_attempt
from apps.results.actions.deliver import forget_old_deliveries
from apps.results.actions.submit import accept_submission
from apps.results.board_token import fold_changes
from apps.results.models import Submission
from apps.runs.models import Attempt

log = logging.getLogger(__name__)


@shared_task  # type: ignore[untyped-decorator]
def accept(attempt_id: int) -> None:
    accept_attempt(attempt_id=attempt_id, at=timezone.now())


@shared_task  # type: ignore[untyped-decorator]
def accept_submitted(submission_pk: int) -> None:
    accept_submission(submission_pk=submission_pk, at=timezone.now())


@shared_task  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Accept what a lost message left waiting; keep changes few, and no answers that nobody asks for again."""
    fold_changes()
    forget_old_deliveries(at=timezone.now())
    for attempt_id in Attempt.objects.submitted().values_list("pk", flat=True):
        try:
            accept_attempt(attempt_id=attempt_id, at=timezone.now())
        except Exception:
            # One upload that we cannot digest must not hold up those behind it.
            log.exception("could not accept attempt %s", attempt_id)
    for submission_pk in Submission.objects.submitted().values_list("pk", flat=True):
        try:
            accept_submission(submission_pk=submission_pk, at=timezone.now())
        except Exception:
            log.exception("could not accept submission %s", submission_pk)
