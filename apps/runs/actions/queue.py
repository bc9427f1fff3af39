"""What the queue shows: whose turn it is, and why a run waits."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Case, Exists, Min, OuterRef, QuerySet, Value, When

from apps.catalog.artifacts import ENGINE_FORMATS, find_artifact
from apps.catalog.models import Artifact, Precision
from apps.runs.blocked import why_blocked
from apps.runs.candidates import load_fleet
from apps.runs.models import Run
from apps.runs.models.run import RunQuerySet

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

_FOR_THE_REASON = (
    "requested_by", "engine", "dataset", "blocked_by", "artifact__is_uploaded", "device_kind__title",
    "network__name", "network__precision", "protocol__kind", "protocol__task", "protocol__precision",
    "protocol__category", "protocol__device_kind",
)  # fmt: skip


_WANTED_PRECISION = Case(
    When(network__precision=Precision.INT8, then="network__precision"),
    When(protocol__precision__in=["", Precision.FP16], then="network__precision"),
    default="protocol__precision",
)
"""As `wanted_precision` has it."""


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
    fleet = load_fleet(at=at)
    for run in _one_of_each_sort():
        reason = why_blocked(run, fleet)[:300]
        if reason != run.blocked_by:
            _same_as(run, Run.objects.queued()).update(blocked_by=reason)


def _one_of_each_sort() -> QuerySet[Run]:
    """A queued run for each reason that is to be found, with what the reason depends on."""
    queued = Run.objects.queued().order_by().annotate(lacking=Case(When(artifact=None, then="network")))
    firsts = queued.values(*_SAME_REASON).annotate(first=Min("id")).values("first")
    found = Run.objects.filter(pk__in=firsts).order_by("pk")
    return found.select_related("network", "protocol", "artifact", "device_kind").only(*_FOR_THE_REASON)


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
    arrived = _runs_with_new_artifacts()
    # Those of one model under one protocol with one engine take the same file.
    alike = arrived.order_by("network_id", "protocol_id", "engine").distinct("network_id", "protocol_id", "engine")
    for run in alike.select_related("network__architecture", "protocol"):
        artifact = find_artifact(network=run.network, engine=run.engine, protocol=run.protocol)
        if artifact is not None:
            waiting = arrived.filter(network=run.network_id, protocol=run.protocol_id, engine=run.engine)
            ids = waiting.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)
            Run.objects.filter(pk__in=list(ids)).update(artifact=artifact)


def _runs_with_new_artifacts() -> RunQuerySet:
    """Queued runs without an artifact, for whose architecture one came since; it need not be the right one."""
    formats = [When(engine=engine, then=Value(format)) for engine, format in ENGINE_FORMATS.items()]
    came = Artifact.objects.filter(
        architecture=OuterRef("network__architecture"),
        format=OuterRef("format"),
        precision=OuterRef("precision"),
        created_at__gte=OuterRef("queued_at") - CAME_LATE,
    )
    waiting = Run.objects.queued().filter(artifact=None)
    return waiting.annotate(format=Case(*formats), precision=_WANTED_PRECISION).filter(Exists(came))
