"""What the queue shows: whose turn it is, and why a run waits."""

from datetime import datetime

from django.db import connection, transaction

from apps.fleet.models import Attachment
from apps.runs.blocked import Candidate, why_blocked
from apps.runs.models import Run

_RANK = """
    UPDATE runs_run SET share_rank = ranked.place
    FROM (
        SELECT id, row_number() OVER (PARTITION BY requested_by_id ORDER BY priority, queued_at, id) AS place
        FROM runs_run WHERE state = 'queued'
    ) AS ranked
    WHERE runs_run.id = ranked.id AND runs_run.share_rank <> ranked.place AND runs_run.state = 'queued'
"""


@transaction.atomic
def refresh_queue(*, at: datetime) -> None:
    """Recompute `share_rank` and `blocked_by` of every queued run. May be repeated at any time."""
    with connection.cursor() as cursor:
        # One at a time: two would lock the same rows in different orders, and rank without each other's runs.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('apps.runs.queue'))")
        cursor.execute(_RANK)
    candidates = [
        Candidate.of(attachment, at=at)
        for attachment in Attachment.objects.select_related("agent", "device__kind").order_by("id")
    ]
    queued = Run.objects.queued().select_related("network", "protocol", "artifact", "device_kind")
    changed = []
    for run in queued.select_for_update(of=("self",), skip_locked=True):
        reason = why_blocked(run, candidates)[:300]
        if reason != run.blocked_by:
            run.blocked_by = reason
            changed.append(run)
    Run.objects.bulk_update(changed, ["blocked_by"], batch_size=500)
