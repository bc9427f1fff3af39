"""Asking for runs, expanding them, cancelling them."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.catalog.artifacts import find_artifact
from apps.catalog.models import DeviceKind, Network, Protocol
from apps.catalog.models.protocol import ProtocolKind
from apps.core.errors import InvalidInput, NotAllowed
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import OPEN_STATES, Attempt, AttemptState, Campaign, Run, RunState
from apps.runs.models.attempt import UNDECIDED_STATES
from apps.runs.notify import wake_agents

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@transaction.atomic
def create_campaign(
    *,
    requested_by: User,
    model_names: Sequence[str],
    protocol_slugs: Sequence[str],
    engine: str = "",
    device_kind: str | None = None,
    dataset: str = "",
    title: str = "",
    at: datetime,
) -> Campaign:
    """Note what is asked for; the dispatch task makes the runs. Raises InvalidInput naming what is unknown."""
    names = list(dict.fromkeys(model_names))
    protocols = _executable_protocols(list(dict.fromkeys(protocol_slugs)))
    _check_models(names, protocols)
    _check_engine(engine, protocols)
    _check_dataset(dataset, protocols)
    campaign = Campaign.objects.create(
        title=title or f"{', '.join(p.slug for p in protocols)}: {len(names)} model{'s' if len(names) != 1 else ''}",
        requested_by=requested_by,
        model_names=names,
        protocol_slugs=[protocol.slug for protocol in protocols],
        engine=engine,
        device_kind=_device_kind(device_kind),
        dataset=dataset,
        created_at=at,
    )
    record_audit(actor=requested_by, action="campaign.create", subject=str(campaign.pk), at=at)
    return campaign


def _check_models(names: list[str], protocols: list[Protocol]) -> None:
    if not names:
        raise InvalidInput("Name at least one model.", [{"field": "models", "message": "at least one"}])
    tasks = dict(Network.objects.filter(name__in=names).values_list("name", "task"))
    if unknown := [name for name in names if name not in tasks]:
        raise InvalidInput(
            f"There is no model {', '.join(unknown)}; /api/v1/models/ lists them.",
            [{"field": "models", "message": f"unknown: {name}"} for name in unknown],
        )
    for protocol in protocols:
        if other := [name for name in names if tasks[name] != protocol.task]:
            message = f"{protocol.slug} is for task {protocol.task}, and {other[0]} does {tasks[other[0]]}."
            raise InvalidInput(message, [{"field": "models", "message": message}])


def _executable_protocols(slugs: list[str]) -> list[Protocol]:
    found = {p.slug: p for p in Protocol.objects.executable().newest().filter(slug__in=slugs)}
    if not slugs or len(found) != len(slugs):
        executable = ", ".join(Protocol.objects.executable().newest().values_list("slug", flat=True))
        wrong = [slug for slug in slugs if slug not in found]
        what = f"There is no executable protocol {', '.join(wrong)}." if wrong else "Name at least one protocol."
        raise InvalidInput(f"{what} Agents execute: {executable}.", [{"field": "protocols", "message": what}])
    return [found[slug] for slug in slugs]


def _check_engine(engine: str, protocols: list[Protocol]) -> None:
    known = sorted({name for protocol in protocols for name in protocol.engines})
    if engine and engine not in known:
        message = f"No protocol asked for runs on engine {engine!r}; these do: {', '.join(known)}."
        raise InvalidInput(message, [{"field": "engine", "message": message}])


def _check_dataset(dataset: str, protocols: list[Protocol]) -> None:
    if not dataset:
        return
    message = ""
    if not _NAME.fullmatch(dataset):
        message = "dataset is the name under which an agent offers its images, not a path."
    elif all(protocol.kind != ProtocolKind.ACCURACY for protocol in protocols):
        message = "A dataset is for accuracy protocols: leave it out, or ask for one of them."
    if message:
        raise InvalidInput(message, [{"field": "dataset", "message": message}])


def _device_kind(slug: str | None) -> DeviceKind | None:
    if not slug:
        return None
    kind = DeviceKind.objects.filter(slug=slug).first()
    if kind is None:
        message = f"There is no device kind {slug!r}; /api/v1/devices/ lists them."
        raise InvalidInput(message, [{"field": "device_kind", "message": message}])
    return kind


@transaction.atomic
def expand_campaign(*, campaign_id: int, at: datetime) -> int:
    """Make the campaign's runs, once, and wake agents. Returns how many were made."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    if campaign.expanded_at is not None:
        return 0
    runs = Run.objects.bulk_create(_runs_of(campaign, at=at))
    campaign.expanded_at = at
    campaign.save(update_fields=["expanded_at"])
    refresh_queue(at=at)
    wake_agents(run.engine for run in runs)
    return len(runs)


def _runs_of(campaign: Campaign, *, at: datetime) -> list[Run]:
    networks = {n.name: n for n in Network.objects.filter(name__in=campaign.model_names)}
    protocols = {p.slug: p for p in Protocol.objects.executable().newest().filter(slug__in=campaign.protocol_slugs)}
    runs = []
    for network in (networks[name] for name in campaign.model_names):
        for protocol in (protocols[slug] for slug in campaign.protocol_slugs):
            engine = campaign.engine if campaign.engine in protocol.engines else protocol.engines[0]
            kind = campaign.device_kind if protocol.needs_device_kind else None
            runs.append(
                Run(
                    campaign=campaign,
                    requested_by_id=campaign.requested_by_id,
                    network=network,
                    protocol=protocol,
                    artifact=find_artifact(network=network, engine=engine, protocol=protocol),
                    engine=engine,
                    device_kind=kind,
                    dataset=campaign.dataset if protocol.kind == ProtocolKind.ACCURACY else "",
                    queued_at=at,
                )
            )
    return runs


@transaction.atomic
def cancel_run(*, run_id: int, by: User, at: datetime) -> None:
    """Cancel in any state; a finished run stays as it is. The agent learns of it at its next heartbeat."""
    run = Run.objects.select_for_update().get(pk=run_id)
    if not (by.is_staff or run.requested_by_id == by.pk):
        raise NotAllowed("Only the one who asked for a run, or an administrator, may cancel it.")
    if not run.is_open:
        return
    Attempt.objects.filter(Q(run=run), state__in=UNDECIDED_STATES).update(
        state=AttemptState.CANCELLED, ended_at=at, reason=f"cancelled by {by.username}"
    )
    Run.objects.filter(pk=run.pk, state__in=OPEN_STATES).update(
        state=RunState.CANCELLED, finished_at=at, blocked_by="", failure=""
    )
    record_audit(actor=by, action="run.cancel", subject=str(run.pk), at=at)
