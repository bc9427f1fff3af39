"""What the queue shows: whose turn it is, and why a run waits."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from apps.catalog.artifacts import find_artifact
from apps.catalog.datasets import standard_datasets
from apps.catalog.models import Artifact
from apps.fleet.models import Attachment
from apps.runs.blocked import Candidate, why_blocked
from apps.runs.models import Run

CAME_LATE = timedelta(hours=1)
"""An artifact that was being stored while a run was queued bears the earlier time of the two."""

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
    standards = standard_datasets()
    arrived = set(_runs_with_new_artifacts())
    queued = Run.objects.queued().select_related("network", "protocol", "artifact", "device_kind")
    changed = []
    for run in queued.select_for_update(of=("self",), skip_locked=True):
        if run.pk in arrived:
            run.artifact = find_artifact(network=run.network, engine=run.engine, protocol=run.protocol)
        reason = why_blocked(run, candidates, standards)[:300]
        if reason != run.blocked_by or run.pk in arrived:
            run.blocked_by = reason
            changed.append(run)
    Run.objects.bulk_update(changed, ["blocked_by", "artifact"], batch_size=500)


def _runs_with_new_artifacts() -> QuerySet[Run, int]:
    """Ids of queued runs without an artifact, for whose architecture one came since; it need not be the right one."""
    came = Artifact.objects.filter(
        architecture=OuterRef("network__architecture"), created_at__gte=OuterRef("queued_at") - CAME_LATE
    )
    return Run.objects.queued().filter(Exists(came), artifact=None).values_list("pk", flat=True)
