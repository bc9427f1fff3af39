"""The one statement that assigns a run, and what keeps or ends a lease."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from apps.catalog.datasets import Offered, find_offered, standard_datasets
from apps.catalog.models.protocol import ProtocolKind
from apps.core.errors import Conflict, NotAllowed
from apps.fleet.models import Agent, AgentStatus, Attachment, Device
from apps.runs.leases import read_lease_token
from apps.runs.limits import BASE_S
from apps.runs.models import LIVE_STATES, Attempt, AttemptState, Run, RunState
from apps.runs.models.run import RunQuerySet
from apps.runs.returned import left_to_others
from runners import wire


class ForeignLease(NotAllowed):
    type = "foreign-lease"
    title = "Not your lease"


class LeaseOver(Conflict):
    type = "lease-over"
    title = "The lease is over"


def lease_run(
    *,
    agent: Agent,
    attachments: Sequence[Attachment],
    request_id: str,
    at: datetime,
    cached_artifacts: Sequence[str] = (),
) -> Attempt | None:
    """Give the agent the next run it may and can execute, None when there is none.

    Of the campaign whose turn it is, runs whose artifact the agent has go first. One that the agent handed back lately
    is left to others, where there is one that can execute it.

    The same `request_id` gets the same lease again. Raises LeaseOver when that lease has ended since.
    """
    if before := granted_before(agent=agent, request_id=request_id):
        return before
    engines = {name for attachment in attachments for name in attachment.engine_names}
    if not Run.objects.queued().filter(engine__in=engines).exists():
        return None
    # A long poll holds its agent for as long as it waits: somebody may have paused or deleted it meanwhile.
    try:
        agent.refresh_from_db(
            fields=["status", "serves", "accepts_uploads", "datasets", "rotation_requested_at", "clock_skew_s"]
        )
    except Agent.DoesNotExist:
        return None
    if agent.status != AgentStatus.ACTIVE:
        return None
    not_these = left_to_others(agent=agent, at=at)
    for attachment in attachments:
        try:
            attempt = _lease_on(
                agent=agent,
                attachment=attachment,
                request_id=request_id,
                at=at,
                cached_artifacts=cached_artifacts,
                not_these=not_these,
            )
        except IntegrityError:
            # The same request came twice at the same moment, or another agent leased for the same device.
            continue
        if attempt is not None:
            return attempt
    # A repetition of this request may have been granted since the first look.
    return granted_before(agent=agent, request_id=request_id)


def granted_before(*, agent: Agent, request_id: str) -> Attempt | None:
    """The live lease of this request. Raises LeaseOver when it has ended since."""
    before = Attempt.objects.filter(agent=agent, request_id=request_id).select_related("run", "device").first()
    if before is not None and not before.is_live:
        raise LeaseOver(f"The lease of this request_id is over ({before.state}): ask with a new request_id.")
    return before


@transaction.atomic
def _lease_on(
    *,
    agent: Agent,
    attachment: Attachment,
    request_id: str,
    at: datetime,
    cached_artifacts: Sequence[str],
    not_these: Sequence[int],
) -> Attempt | None:
    device = attachment.device
    # It may have failed, or been leased, since the request that names it arrived.
    if not Device.objects.healthy_with(agent).exclude(attempts__state__in=LIVE_STATES).filter(pk=device.pk).exists():
        return None
    runs = Run.objects.executable_by(agent, attachment)
    run = _next_run(runs.exclude(pk__in=not_these) if not_these else runs, cached_artifacts)
    if run is None:
        return None
    run.state, run.fence, run.blocked_by = RunState.ACTIVE, run.fence + 1, ""
    run.save(update_fields=["state", "fence", "blocked_by"])
    offer = attachment.offers(run.engine)
    is_accuracy = run.protocol.kind == ProtocolKind.ACCURACY
    return Attempt.objects.create(
        run=run,
        agent=agent,
        device=device,
        device_kind=device.kind,
        request_id=request_id,
        fence=run.fence,
        engine_release=offer["release"] if offer else "",
        dataset=_dataset_for(run, agent) if is_accuracy else None,
        clock_skew_s=agent.clock_skew_s,
        leased_at=at,
        expires_at=at + timedelta(seconds=settings.LEASE_S),
    )


def _next_run(executable: RunQuerySet, cached_artifacts: Sequence[str]) -> Run | None:
    """Lock the run to be given: the first one, or of its campaign the first whose artifact the agent has.

    A campaign has an end and its runs are of one owner and one urgency, so nobody waits longer for another's cache.
    """
    runs = executable.in_lease_order()
    if cached_artifacts:
        cached = runs.of_the_campaign_in_turn().filter(artifact__sha256__in=cached_artifacts)
        if run := cached.select_for_update(skip_locked=True, of=("self",)).first():
            return run
    return runs.select_for_update(skip_locked=True, of=("self",)).first()


def _dataset_for(run: Run, agent: Agent) -> Offered | None:
    return find_offered(agent.datasets, task=run.protocol.task, name=run.dataset, standards=standard_datasets())


def find_leased(*, agent: Agent, token: str) -> Attempt:
    """The attempt of a lease token. Raises ForeignLease for one that is not this agent's."""
    lease = read_lease_token(token)
    if lease is None:
        raise ForeignLease("This lease token was not given out by this site: use the one of the lease answer.")
    attempt = Attempt.objects.filter(pk=lease.attempt_id, fence=lease.fence).select_related("run").first()
    if attempt is None or attempt.agent_id != agent.pk:
        raise ForeignLease("This lease belongs to another agent: stop working on it.")
    return attempt


def heartbeat(*, agent: Agent, token: str, progress: wire.Progress | None, at: datetime) -> datetime | None:
    """Keep a lease. Returns when it now expires, None when the run was cancelled.

    Raises LeaseOver when it was lost meanwhile, ForeignLease when it is not the agent's.
    """
    attempt = find_leased(agent=agent, token=token)
    expires_at = at + timedelta(seconds=settings.LEASE_S)
    kept = Attempt.objects.live().filter(pk=attempt.pk)
    kept_count = kept.update(
        state=AttemptState.RUNNING,
        first_heartbeat_at=attempt.first_heartbeat_at or at,
        last_heartbeat_at=at,
        expires_at=expires_at,
        progress=progress.model_dump() if progress else attempt.progress,
    )
    if kept_count == 1:
        return expires_at
    attempt.refresh_from_db()
    if attempt.state == AttemptState.CANCELLED:
        return None
    raise LeaseOver(f"This lease is over ({attempt.state}): stop, the run may be somebody else's by now.")


def overdue_attempt_ids(*, at: datetime) -> list[int]:
    """Live attempts beyond their time limit, however much they heartbeat."""
    # No limit is shorter, so that there is hardly ever one to look at.
    old = Attempt.objects.live().filter(leased_at__lt=at - timedelta(seconds=BASE_S))
    return [attempt.pk for attempt in old.select_related("run__protocol") if attempt.overdue_at < at]


def lost_attempt_ids(*, at: datetime) -> list[int]:
    return list(Attempt.objects.filter(state__in=LIVE_STATES, expires_at__lt=at).values_list("pk", flat=True))
