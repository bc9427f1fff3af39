"""How an attempt ends, and what that means for its run."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import transaction

from apps.core.errors import Conflict, InvalidInput
from apps.fleet.actions import mark_unhealthy
from apps.fleet.models import Agent
from apps.runs.actions.leases import LeaseOver, find_leased
from apps.runs.limits import duration_text
from apps.runs.models import LIVE_STATES, OPEN_STATES, Attempt, AttemptState, Run, RunState, Upload
from apps.runs.notify import wake_agents
from runners import wire

FINAL_FAILURES = {wire.FailureKind.USER, wire.FailureKind.ENGINE}
"""Another try would fail in the same way."""
FAILURES_OF_THE_PLACE = {wire.FailureKind.DEVICE, wire.FailureKind.INFRASTRUCTURE}
"""The device or its surroundings failed, not the run: no more runs there until a self-check passes."""

FREE_RELEASES = 5
"""So often an agent may hand the same run back: a restart or a drain is nobody's failure."""


class OtherResult(Conflict):
    type = "other-result"
    title = "Another result is there"


def release_attempt(*, agent: Agent, token: str, reason: str, at: datetime) -> None:
    """Hand the run back untouched; releasing twice is the same as once.

    An agent that does so with the same run again and again cannot execute it: from then on it counts.
    """
    attempt = find_leased(agent=agent, token=token)
    before = Attempt.objects.filter(run=attempt.run_id, agent=agent, state=AttemptState.RELEASED).exclude(pk=attempt.pk)
    is_counted = before.count() >= FREE_RELEASES
    _end(attempt_id=attempt.pk, state=AttemptState.RELEASED, reason=reason, is_counted=is_counted, at=at)


@transaction.atomic
def fail_attempt(*, agent: Agent, token: str, kind: wire.FailureKind, reason: str, at: datetime) -> None:
    """Note why an attempt failed. Raises LeaseOver when the lease was lost before."""
    attempt = find_leased(agent=agent, token=token)
    ended = _end(attempt_id=attempt.pk, state=AttemptState.FAILED, kind=kind, reason=reason, is_counted=True, at=at)
    if not ended and attempt.state != AttemptState.FAILED:
        raise LeaseOver(f"This lease is over ({attempt.state}): the failure was not noted.")
    if ended and kind in FAILURES_OF_THE_PLACE:
        mark_unhealthy(
            device_id=attempt.device_id, agent_id=attempt.agent_id, attempt_id=attempt.pk, reason=reason, at=at
        )


def expire_attempt(*, attempt_id: int, at: datetime) -> bool:
    """Take a lease back whose agent fell silent. One that never sent a heartbeat does not count."""
    attempt = Attempt.objects.live().filter(pk=attempt_id, expires_at__lt=at).first()
    if attempt is None:
        return False
    heard = attempt.last_heartbeat_at
    reason = f"no heartbeat since {heard:%H:%M:%S} UTC" if heard else "the agent never sent a heartbeat"
    return _end(
        attempt_id=attempt.pk,
        state=AttemptState.LOST,
        reason=reason,
        is_counted=heard is not None,
        at=at,
        only_expired=True,
    )


@transaction.atomic
def stop_overdue(*, attempt_id: int, at: datetime) -> bool:
    """End an attempt that heartbeats beyond its time limit. Its agent learns of it at the next heartbeat.

    The device stays healthy: an agent checks what it saw fail, and this failure it did not see.
    """
    attempt = Attempt.objects.live().select_related("run__protocol").filter(pk=attempt_id).first()
    if attempt is None or at <= attempt.overdue_at:
        return False
    limit = attempt.overdue_at - attempt.leased_at
    reason = f"not finished after {duration_text(limit)}, the time limit of {attempt.run.protocol.slug}"
    kind = wire.FailureKind.INFRASTRUCTURE
    return _end(attempt_id=attempt.pk, state=AttemptState.FAILED, kind=kind, reason=reason, is_counted=True, at=at)


@transaction.atomic
def _end(
    *,
    attempt_id: int,
    state: AttemptState,
    reason: str,
    is_counted: bool,
    at: datetime,
    kind: wire.FailureKind | None = None,
    only_expired: bool = False,
) -> bool:
    """End a live attempt and requeue or fail its run. False when it had ended before."""
    run = Run.objects.select_for_update().get(attempts=attempt_id)
    live = Attempt.objects.filter(pk=attempt_id, state__in=LIVE_STATES)
    if only_expired:
        live = live.filter(expires_at__lt=at)
    if not live.update(state=state, reason=reason, failure_kind=kind or "", is_counted=is_counted, ended_at=at):
        return False
    _requeue_or_fail(run, is_final=kind in FINAL_FAILURES, is_counted=is_counted, at=at)
    return True


def _requeue_or_fail(run: Run, *, is_final: bool, is_counted: bool, at: datetime) -> None:
    if run.state != RunState.ACTIVE:
        return
    run.counted_attempts += is_counted
    if is_final or run.counted_attempts >= settings.MAX_COUNTED_ATTEMPTS:
        run.state, run.finished_at, run.failure = RunState.FAILED, at, _reasons(run)
    else:
        run.state = RunState.QUEUED
        wake_agents([run.engine])
    run.save(update_fields=["state", "finished_at", "failure", "counted_attempts"])


def _reasons(run: Run) -> str:
    """Why the attempts failed that used up the budget; those before a retry are history."""
    counted = run.attempts.filter(is_counted=True).select_related("agent").order_by("-id")
    attempts = reversed(counted[: run.counted_attempts])
    return "\n".join(f"{a.agent.name}: {a.failure_kind or a.state}: {a.reason}" for a in attempts)


@transaction.atomic
def store_result(*, agent: Agent, message: wire.ResultRequest, body: bytes, at: datetime) -> tuple[Attempt, bool]:
    """Keep a result's bytes and end the lease, in one transaction. Returns the attempt, and whether it is new.

    A result whose lease is gone is quarantined, not thrown away. Raises ForeignLease, OtherResult when the
    attempt has another result already, InvalidInput when the message names another run than its lease.
    """
    found = find_leased(agent=agent, token=message.lease_token)
    if (message.attempt_id, message.run_id) != (found.pk, found.run_id):
        raise InvalidInput(f"The lease is of run {found.run_id}, attempt {found.pk}; the result names another.")
    Run.objects.select_for_update().get(pk=found.run_id)
    attempt = Attempt.objects.get(pk=found.pk)
    sha256 = hashlib.sha256(body).hexdigest()
    before = Upload.objects.filter(attempt=attempt).first()
    if before is not None:
        if before.sha256 != sha256:
            raise OtherResult("This attempt has another result already: a result is never overwritten.")
        return attempt, False
    Upload.objects.create(attempt=attempt, body=body, sha256=sha256, received_at=at)
    if attempt.is_live:
        attempt.state, attempt.ended_at = AttemptState.SUBMITTED, at
    else:
        attempt.reason = f"{attempt.reason}; its result arrived after the lease was over ({attempt.state})".lstrip("; ")
        attempt.state = AttemptState.QUARANTINED
    attempt.save(update_fields=["state", "ended_at", "reason"])
    return attempt, True


@transaction.atomic
def settle_attempt(*, attempt_id: int, problems: list[str], at: datetime) -> bool:
    """Accept a submitted attempt, or quarantine it with its problems and try the run again.

    Call it in the transaction that stores the results. False when it was settled before.
    """
    run = Run.objects.select_for_update().get(attempts=attempt_id)
    submitted = Attempt.objects.filter(pk=attempt_id, state=AttemptState.SUBMITTED)
    if problems:
        reason = "refused: " + " ".join(problems)
        if not submitted.update(state=AttemptState.QUARANTINED, reason=reason, is_counted=True):
            return False
        _requeue_or_fail(run, is_final=False, is_counted=True, at=at)
        return True
    if not submitted.update(state=AttemptState.ACCEPTED):
        return False
    Run.objects.filter(pk=run.pk, state__in=OPEN_STATES).update(state=RunState.DONE, finished_at=at, failure="")
    return True
