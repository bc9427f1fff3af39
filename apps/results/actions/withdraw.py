"""Taking results off the board by hand. They are never deleted: each keeps its row and says why it was withdrawn."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.core.errors import InvalidInput, NotAllowed
from apps.results.actions.board import refresh_cells
from apps.results.models import Result


@transaction.atomic
def withdraw_results(*, result_ids: Collection[int], reason: str, by: User, at: datetime) -> int:
    """Withdraw the standing ones among these results and fill their cells anew. Returns how many were withdrawn.

    Raises NotAllowed for anybody but administrators, InvalidInput without a reason.
    """
    if not by.is_staff:
        raise NotAllowed("Only administrators withdraw results.")
    if not reason.strip():
        raise InvalidInput("Say why: whoever looks for the result later reads the reason.")
    results = list(Result.objects.standing().filter(pk__in=result_ids).order_by("pk").select_for_update())
    Result.objects.filter(pk__in=[result.pk for result in results]).update(
        withdrawn_at=at, withdrawn_because=reason.strip(), updated_at=at
    )
    for result in results:
        record_audit(actor=by, action="result.withdraw", subject=str(result.pk), at=at, reason=reason.strip())
    refresh_cells({(result.network_id, result.metric, result.configuration_id) for result in results})
    return len(results)
