"""What changes devices: offers, submissions, failures and self-checks."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.core.errors import InvalidInput
from apps.fleet.actions.contact import hold_agent
from apps.fleet.actions.owners import check_may_manage
from apps.fleet.actions.unchanged import see_unchanged
from apps.fleet.kinds import recognise, recognise_submitted
from apps.fleet.models import Agent, Attachment, Device
from apps.fleet.offers import usable_engines
from runners import wire

HEALTHY = {"unhealthy_since": None, "unhealthy_with": None, "unhealthy_reason": "", "unhealthy_after_attempt_id": None}


def attach_devices(*, agent: Agent, offers: Sequence[wire.DeviceOffer], at: datetime) -> list[Attachment]:
    """Note the devices an agent offers, in their order, and detach those it offers no more.

    One the site cannot take is noted with the reason, and those beside it go on. Raises InvalidInput where it can take
    none of them, AgentGone where somebody deleted the agent meanwhile.
    """
    attachments = see_unchanged(agent=agent, offers=offers, at=at)
    if attachments is None:
        attachments = _attach_those_it_can(agent=agent, offers=offers, at=at)
    if not attachments:
        raise InvalidInput(" ".join(refused["reason"] for refused in agent.refused_devices))
    return attachments


@transaction.atomic
def _attach_those_it_can(*, agent: Agent, offers: Sequence[wire.DeviceOffer], at: datetime) -> list[Attachment]:
    hold_agent(agent)
    attachments, refused = [], []
    for offer in offers:
        try:
            with transaction.atomic():
                attachments.append(_attach(agent=agent, offer=offer, at=at))
        except InvalidInput as exc:
            refused.append(_refusal(offer, exc.detail))
    agent.attachments.exclude(pk__in=[attachment.pk for attachment in attachments]).delete()
    agent.refused_devices = refused
    Agent.objects.filter(pk=agent.pk).exclude(refused_devices=refused).update(refused_devices=refused)
    return attachments


def _refusal(offer: wire.DeviceOffer, reason: str) -> dict[str, str]:
    refused = wire.RefusedDevice(fingerprint=offer.fingerprint, kind_name=offer.kind_name, reason=reason)
    return refused.model_dump(mode="json")


@transaction.atomic
def note_device(*, owner: User, offer: wire.DeviceOffer, at: datetime) -> Device:
    """The owner's device that a submission names, made where it is new; one that is known stays as it is.

    Raises InvalidInput for one the site cannot take, or that was another kind before.
    """
    kind = recognise_submitted(offer)
    device, _ = Device.objects.get_or_create(
        owner=owner,
        fingerprint=offer.fingerprint,
        defaults={"kind": kind, "facts": offer.facts, "first_seen_at": at, "last_seen_at": at},
    )
    if device.kind_id != kind.pk:
        raise InvalidInput(f"This device is known here as {device.kind.slug}, the record says {kind.slug}.")
    return device


def mark_unhealthy(*, device_id: int, agent_id: int, attempt_id: int, reason: str, at: datetime) -> None:
    """Give the device no run from this agent until a self-check passes.

    An older failure than the one that is noted changes nothing.

    Call it in the transaction that notes the failure.
    """
    earlier = Q(unhealthy_after_attempt_id=None) | Q(unhealthy_after_attempt_id__lt=attempt_id)
    Device.objects.filter(earlier, pk=device_id).update(
        unhealthy_since=at, unhealthy_with=agent_id, unhealthy_reason=reason, unhealthy_after_attempt_id=attempt_id
    )


@transaction.atomic
def declare_healthy(*, device: Device, agent: Agent, by: User, at: datetime) -> None:
    """Give the device runs again without a self-check, on somebody's word. Raises NotYourAgent."""
    check_may_manage(agent, by=by)
    attached = Device.objects.filter(pk=device.pk, attachments__agent=agent)
    if attached.exclude(unhealthy_since=None).update(**HEALTHY):
        record_audit(
            actor=by,
            action="device.declare-healthy",
            subject=agent.public_id,
            at=at,
            device=device.kind.slug,
            fingerprint=device.fingerprint[:8],
            reason=device.unhealthy_reason,
        )


def _attach(*, agent: Agent, offer: wire.DeviceOffer, at: datetime) -> Attachment:
    kind = recognise(offer)
    noted = {"kind": kind, "facts": offer.facts, "last_seen_at": at}
    device, _ = Device.objects.update_or_create(
        owner=agent.owner,
        fingerprint=offer.fingerprint,
        defaults=noted,
        create_defaults={**noted, "first_seen_at": at},
    )
    if offer.self_check is not None and not device.is_healthy:
        _hear_self_check(device, offer.self_check)
    attachment, _ = Attachment.objects.update_or_create(
        agent=agent,
        device=device,
        defaults={"engines": usable_engines(offer, kind), "last_seen_at": at},
    )
    return attachment


def _hear_self_check(device: Device, check: wire.SelfCheck) -> None:
    """One that was made before the failure says nothing about it."""
    checked = Device.objects.filter(pk=device.pk, unhealthy_after_attempt_id__lte=check.after_attempt_id)
    said: dict[str, object] = {"unhealthy_reason": f"self-check: {check.text}"}
    if checked.update(**(HEALTHY if check.is_ok else said)):
        device.refresh_from_db()
