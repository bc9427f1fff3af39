"""What the queue shows: whose turn it is, and why a run waits."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Case, Exists, OuterRef, QuerySet, When

from apps.catalog.artifacts import find_artifact
from apps.catalog.datasets import standard_datasets
from apps.catalog.models import Artifact
from apps.fleet.models import Attachment, Device
from apps.runs.blocked import Candidate, why_blocked
from apps.runs.models import Run

CAME_LATE = timedelta(hours=1)
"""An artifact that was being stored while a run was queued bears the earlier time of the two."""

LATEST_LEASES = 1_000
"""Owners who had none of these had no turn lately."""

_RANK = """
    WITH served AS (
        SELECT run.requested_by_id, max(latest.id) AS last_turn
        FROM (SELECT id, run_id FROM runs_attempt ORDER BY id DESC LIMIT %s) AS latest
        JOIN runs_run AS run ON run.id = latest.run_id
        GROUP BY run.requested_by_id
    ), placed AS (
        SELECT run.id, run.priority, run.share_rank, run.queued_at, coalesce(served.last_turn, 0) AS last_turn,
            row_number() OVER (
                PARTITION BY run.requested_by_id, run.priority ORDER BY run.queued_at, run.id
            ) AS place
        FROM runs_run AS run LEFT JOIN served USING (requested_by_id)
        WHERE run.state = 'queued'
    ), ranked AS (
        SELECT id, share_rank,
            row_number() OVER (ORDER BY priority, place, last_turn, queued_at, id) AS rank,
            row_number() OVER (ORDER BY priority, share_rank, queued_at, id) AS stands
        FROM placed
    )
    UPDATE runs_run SET share_rank = ranked.rank FROM ranked
    WHERE runs_run.id = ranked.id AND runs_run.state = 'queued' AND runs_run.share_rank <> ranked.rank
        AND EXISTS (SELECT FROM ranked WHERE rank <> stands OR share_rank = 0)
"""
"""Everybody's first run before anybody's second; among equals the owner whose last turn is longest ago.

Ranks are written only where the order changes: thousands of queued runs cost nothing while they wait.
"""

_SAME_REASON = (
    "requested_by_id", "protocol_id", "engine", "device_kind_id", "dataset",
    "artifact__is_uploaded", "lacking", "blocked_by",
)  # fmt: skip
"""Queued runs that agree in these wait for the same: one reason serves thousands of them."""


def lock_queue() -> None:
    """Wait for whoever ranks, cancels or requeues many runs: two would lock the same rows in different orders.

    Call it in the transaction that does so, before it locks a run.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('apps.runs.queue'))")


@transaction.atomic
def refresh_queue(*, at: datetime) -> None:
    """Recompute `share_rank` and `blocked_by` of every queued run. May be repeated at any time."""
    lock_queue()
    with connection.cursor() as cursor:
        cursor.execute(_RANK, [LATEST_LEASES])
    _take_new_artifacts()
    attached = Attachment.objects.select_related("agent", "device__kind").prefetch_related("agent__served_users")
    candidates = [Candidate.of(attachment, at=at) for attachment in attached.order_by("id")]
    standards, gone = standard_datasets(), _gone()
    queued = Run.objects.queued().annotate(lacking=Case(When(artifact=None, then="network")))
    alike = queued.order_by(*_SAME_REASON).distinct(*_SAME_REASON)
    for run in alike.select_related("network", "protocol", "artifact", "device_kind"):
        reason = why_blocked(run, candidates, standards, gone)[:300]
        if reason != run.blocked_by:
            _same_as(run, Run.objects.queued()).update(blocked_by=reason)


def _gone() -> dict[int, datetime]:
    """When a device that no agent offers any more was last seen, the latest of each kind; stated ones never were."""
    detached = Device.objects.filter(attachments=None).exclude(facts__has_key="stated")
    latest = detached.order_by("kind_id", "-last_seen_at").distinct("kind_id")
    return dict(latest.values_list("kind_id", "last_seen_at"))


def _same_as(run: Run, queued: QuerySet[Run]) -> QuerySet[Run]:
    """The queued runs that wait for the same as this one."""
    alike = queued.filter(
        requested_by=run.requested_by_id,
        protocol=run.protocol_id,
        engine=run.engine,
        device_kind=run.device_kind_id,
        dataset=run.dataset,
        blocked_by=run.blocked_by,
    )
    if run.artifact is None:
        return alike.filter(artifact=None, network=run.network_id)
    return alike.filter(artifact__is_uploaded=run.artifact.is_uploaded)


def _take_new_artifacts() -> None:
    """Give runs without an artifact the one that came since."""
    arrived = _runs_with_new_artifacts().select_related("network", "protocol")
    for run in arrived.select_for_update(of=("self",), skip_locked=True):
        run.artifact = find_artifact(network=run.network, engine=run.engine, protocol=run.protocol)
        if run.artifact is not None:
            run.save(update_fields=["artifact"])


def _runs_with_new_artifacts() -> QuerySet[Run]:
    """Queued runs without an artifact, for whose architecture one came since; it need not be the right one."""
    came = Artifact.objects.filter(
        architecture=OuterRef("network__architecture"), created_at__gte=OuterRef("queued_at") - CAME_LATE
    )
    return Run.objects.queued().filter(Exists(came), artifact=None)
