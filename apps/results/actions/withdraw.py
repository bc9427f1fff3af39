"""Taking results off the board by hand. They are never deleted: each keeps its row and says why it was withdrawn."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.core.errors import InvalidInput, NotAllowed
from apps.results.actions.board import CellKey, refresh_cells
from apps.results.actions.submitted_cells import refresh_submitted
from apps.results.models import Origin, Result, Submission
from apps.results.models.result import ResultQuerySet


@transaction.atomic
def withdraw_results(*, result_ids: Collection[int], reason: str, by: User, at: datetime) -> int:
    """Withdraw the standing ones among these results and fill their cells anew. Returns how many were withdrawn.

    Raises NotAllowed for anybody but administrators, InvalidInput without a reason.
    """
    if not by.is_staff:
        raise NotAllowed("Only administrators withdraw results.")
    return _withdraw(Result.objects.filter(pk__in=result_ids), reason=reason, by=by, at=at)


@transaction.atomic
def withdraw_submission(*, submission: Submission, reason: str, by: User, at: datetime) -> int:
    """Withdraw what stands of a submission; what was sent in stays, and says why it does not count.

    Raises NotAllowed for anybody but its owner and administrators, InvalidInput without a reason.
    """
    if submission.owner_id != by.pk and not by.is_staff:
        raise NotAllowed("You withdraw what you sent in yourself; administrators withdraw what anybody did.")
    return _withdraw(Result.objects.filter(submission=submission), reason=reason, by=by, at=at)


def _withdraw(results: ResultQuerySet, *, reason: str, by: User, at: datetime) -> int:
    if not reason.strip():
        raise InvalidInput("Say why: whoever looks for the result later reads the reason.")
    standing = list(results.standing().order_by("pk").select_for_update())
    Result.objects.filter(pk__in=[result.pk for result in standing]).update(
        withdrawn_at=at, withdrawn_because=reason.strip(), updated_at=at
    )
    for result in standing:
        record_audit(actor=by, action="result.withdraw", subject=str(result.pk), at=at, reason=reason.strip())
    refresh_cells(_key(result) for result in standing)
    refresh_submitted(_key(result) for result in standing if result.origin == Origin.SUBMISSION)
    return len(standing)


def _key(result: Result) -> CellKey:
    return result.network_id, result.metric, result.configuration_id
