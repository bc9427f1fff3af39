"""Devices that an agent offers as it did before: thousands of calls a day that change nothing but when it was seen."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.core.errors import InvalidInput
from apps.fleet.kinds import recognise
from apps.fleet.models import Agent, Attachment, Device
from apps.fleet.offers import usable_engines
from runners import wire


@transaction.atomic
def see_unchanged(*, agent: Agent, offers: Sequence[wire.DeviceOffer], at: datetime) -> list[Attachment] | None:
    """The agent's devices in the order of its offers, noted as seen; None where anything is to be changed."""
    if agent.refused_devices:
        return None
    # Nobody deletes the agent until the transaction ends; rows that refer to it may be written meanwhile.
    held = Attachment.objects.select_related("agent", "device__kind").filter(agent=agent)
    attached = {a.device.fingerprint: a for a in held.select_for_update(of=("agent",), no_key=True)}
    if len(attached) != len(offers) or {offer.fingerprint for offer in offers} != attached.keys():
        return None
    attachments = [attached[offer.fingerprint] for offer in offers]
    if not all(_is_as_before(attachment, offer) for attachment, offer in zip(attachments, offers, strict=True)):
        return None
    Device.objects.filter(attachments__in=attachments).update(last_seen_at=at)
    Attachment.objects.filter(pk__in=[attachment.pk for attachment in attachments]).update(last_seen_at=at)
    return attachments


def _is_as_before(attachment: Attachment, offer: wire.DeviceOffer) -> bool:
    device = attachment.device
    if device.facts != offer.facts or attachment.engines != usable_engines(offer, device.kind):
        return False
    if offer.self_check is not None and not device.is_healthy:
        return False
    try:
        # The catalogue may say something else of these facts than it did.
        return recognise(offer) == device.kind
    except InvalidInput:
        return False
