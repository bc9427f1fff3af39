"""The agents behind which devices of a kind are, as everybody may see them."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.catalog.models import DeviceKind
from apps.fleet.models import Attachment


def attachments_of(kind: DeviceKind) -> list[Attachment]:
    """Retired agents are shown no more, as in the list of the fleet."""
    found = Attachment.objects.filter(device__kind=kind, agent__retired_at=None).select_related("agent", "device")
    return list(found.order_by("agent__name", "agent_id", "device_id"))


def agent_names(attachments: list[Attachment]) -> dict[int, list[str]]:
    """By device."""
    found: dict[int, list[str]] = {}
    for attachment in attachments:
        found.setdefault(attachment.device_id, []).append(attachment.agent.name)
    return found


def agent_rows(attachments: list[Attachment], *, at: datetime) -> list[dict[str, Any]]:
    """One per attachment: facts and fingerprints are for those who manage the agent, on its own page."""
    return [
        {
            "name": attachment.agent.name,
            "url": reverse("agent", args=[attachment.agent.public_id]),
            "tags": attachment.agent.tags,
            "state": str(attachment.agent.state(at=at)),
            "device": attachment.device_id,
            "is_healthy": attachment.device.is_healthy_with(attachment.agent_id),
            "engines": [f"{engine['name']} {engine['release']}" for engine in attachment.engines],
            "serves": attachment.agent.get_serves_display(),
            "trust_tier": attachment.agent.get_trust_tier_display(),
            "last_seen_at": attachment.last_seen_at,
        }
        for attachment in attachments
    ]
