"""Asking for runs, expanding them, changing their urgency, cancelling them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.catalog.artifacts import find_artifact
from apps.catalog.models import Network, Protocol
from apps.catalog.models.protocol import ProtocolKind
from apps.core.errors import NotAllowed
from apps.runs.actions.queue import lock_queue, refresh_queue
from apps.runs.asking import ALL, ModelNames, Wanted, check_priority, read_wanted
from apps.runs.models import OPEN_STATES, Attempt, AttemptState, Campaign, Run, RunState, Schedule
from apps.runs.models.asked import NORMAL_PRIORITY
from apps.runs.models.attempt import UNDECIDED_STATES
from apps.runs.models.run import RunQuerySet
from apps.runs.notify import wake_agents

TITLE_LENGTH = 200


@transaction.atomic
def create_campaign(
    *,
    requested_by: User,
    model_names: ModelNames,
    protocol_slugs: Sequence[str],
    engine: str = "",
    device_kind: str | None = None,
    dataset: str = "",
    priority: int = NORMAL_PRIORITY,
    title: str = "",
    schedule: Schedule | None = None,
    due_at: datetime | None = None,
    at: datetime,
) -> Campaign:
    """Note what is asked for; the dispatch task makes the runs. Raises InvalidInput naming what is unknown.

    With a schedule it is the campaign of the schedule's due time `due_at`, of which there is one.
    """
    wanted = read_wanted(
        requested_by=requested_by,
        model_names=model_names,
        protocol_slugs=protocol_slugs,
        engine=engine,
        device_kind=device_kind,
        dataset=dataset,
        priority=priority,
    )
    campaign = Campaign.objects.create(
        title=title or title_of(wanted, is_all=model_names == ALL),
        requested_by=requested_by,
        model_names=wanted.model_names,
        protocol_slugs=[protocol.slug for protocol in wanted.protocols],
        engine=engine,
        device_kind=wanted.device_kind,
        dataset=dataset,
        priority=priority,
        schedule=schedule,
        due_at=due_at,
        created_at=at,
    )
    record_audit(actor=requested_by, action="campaign.create", subject=str(campaign.pk), at=at)
    return campaign


def title_of(wanted: Wanted, *, is_all: bool = False) -> str:
    """What was asked for, in a line: "t4-fp16-bs1: all 32 models", "sd855-bs1-t1 with ncnn: MobileNetV2"."""
    slugs, count = [protocol.slug for protocol in wanted.protocols], len(wanted.model_names)
    models = f"all {count} model{'s' if count != 1 else ''}" if is_all else _first_two(wanted.model_names)
    engine = f" with {wanted.engine}" if wanted.engine else ""
    kind = f" on {wanted.device_kind.title}" if wanted.device_kind else ""
    return f"{_first_two(slugs)}{engine}{kind}: {models}"[:TITLE_LENGTH]


def _first_two(names: Sequence[str]) -> str:
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


@transaction.atomic
def expand_campaign(*, campaign_id: int, at: datetime) -> int:
    """Make the campaign's runs, once, and wake agents. Returns how many were made."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    if campaign.expanded_at is not None or campaign.cancelled_at is not None:
        return 0
    runs = Run.objects.bulk_create(_runs_of(campaign, at=at))
    campaign.expanded_at = at
    campaign.save(update_fields=["expanded_at"])
    refresh_queue(at=at)
    wake_agents(run.engine for run in runs)
    return len(runs)


def _runs_of(campaign: Campaign, *, at: datetime) -> list[Run]:
    networks = {n.name: n for n in Network.objects.filter(name__in=campaign.model_names)}
    newest = Protocol.objects.executable().newest().filter(slug__in=campaign.protocol_slugs)
    protocols = {protocol.slug: protocol for protocol in newest}
    return [
        _run_of(campaign, network, protocol, at=at)
        for network in (networks[name] for name in campaign.model_names)
        for protocol in (protocols[slug] for slug in campaign.protocol_slugs)
        if network.task == protocol.task
    ]


def _run_of(campaign: Campaign, network: Network, protocol: Protocol, *, at: datetime) -> Run:
    engine = campaign.engine if campaign.engine in protocol.engines else protocol.engines[0]
    kind_id = campaign.device_kind_id or protocol.device_kind_id
    return Run(
        campaign=campaign,
        requested_by_id=campaign.requested_by_id,
        network=network,
        protocol=protocol,
        artifact=find_artifact(network=network, engine=engine, protocol=protocol),
        engine=engine,
        device_kind_id=kind_id if protocol.needs_device_kind else None,
        dataset=campaign.dataset if protocol.kind == ProtocolKind.ACCURACY else "",
        priority=campaign.priority,
        queued_at=at,
    )


def check_is_asker(asked: Campaign | Run | Schedule, *, by: User, what: str) -> None:
    """Raises NotAllowed for anybody but the one who asked, or an administrator."""
    if not (by.is_staff or asked.requested_by_id == by.pk):
        noun = type(asked).__name__.lower()
        raise NotAllowed(f"Only the one who asked for a {noun}, or an administrator, may {what}.")


@transaction.atomic
def set_priority(*, campaign_id: int, priority: int, by: User, at: datetime) -> None:
    """Change how urgent a campaign is; runs that are queued follow. Raises InvalidInput, NotAllowed."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    check_is_asker(campaign, by=by, what="change how urgent it is")
    check_priority(priority, by=by)
    if priority == campaign.priority:
        return
    record_audit(
        actor=by, action="campaign.priority", subject=str(campaign.pk), at=at, before=campaign.priority, after=priority
    )
    lock_queue()
    Campaign.objects.filter(pk=campaign.pk).update(priority=priority)
    Run.objects.open().filter(campaign=campaign).update(priority=priority)
    refresh_queue(at=at)


@transaction.atomic
def cancel_run(*, run_id: int, by: User, at: datetime) -> None:
    """Cancel in any state; a finished run stays as it is. The agent learns of it at its next heartbeat."""
    run = Run.objects.select_for_update().get(pk=run_id)
    check_is_asker(run, by=by, what="cancel it")
    if _cancel(Run.objects.filter(pk=run.pk), by=by, at=at):
        record_audit(actor=by, action="run.cancel", subject=str(run.pk), at=at)


@transaction.atomic
def cancel_campaign(*, campaign_id: int, by: User, at: datetime) -> int:
    """Cancel every run that is not over, and make none that was still to be made. Returns how many were cancelled."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    check_is_asker(campaign, by=by, what="cancel it")
    lock_queue()
    count = _cancel(Run.objects.filter(campaign=campaign), by=by, at=at)
    if count or campaign.expanded_at is None:
        changed = Campaign.objects.filter(pk=campaign.pk, cancelled_at=None).update(cancelled_at=at)
        if count or changed:
            record_audit(actor=by, action="campaign.cancel", subject=str(campaign.pk), at=at, runs=count)
    return count


def _cancel(runs: RunQuerySet, *, by: User, at: datetime) -> int:
    """End the open ones among these runs, and the attempts at them."""
    # A run before its attempts, and runs in one order, as everything that ends an attempt locks them.
    ids = list(runs.open().order_by("pk").select_for_update().values_list("pk", flat=True))
    attempts = Attempt.objects.filter(run__in=ids, state__in=UNDECIDED_STATES)
    attempts.update(state=AttemptState.CANCELLED, ended_at=at, reason=f"cancelled by {by.username}")
    cancelled = Run.objects.filter(pk__in=ids, state__in=OPEN_STATES)
    return cancelled.update(state=RunState.CANCELLED, finished_at=at, blocked_by="", failure="")
