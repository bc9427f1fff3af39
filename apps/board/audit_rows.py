"""The audit log as pages show it: who did what to whom, in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from apps.accounts.models import AuditEntry

ACTIONS = {
    "account.change": "profile changed",
    "account.change-password": "password changed",
    "account.create": "account made",
    "account.deactivate": "account closed",
    "account.reactivate": "account opened again",
    "account.reset-link": "link for a new password made",
    "account.reset-password": "password set anew by a link",
    "agent.change": "changed",
    "agent.delete": "deleted",
    "agent.drain": "told to drain",
    "agent.enrol": "enrolled",
    "agent.pause": "paused",
    "agent.request-rotation": "new token asked for",
    "agent.resume": "resumed",
    "agent.retire": "retired",
    "agent.revoke": "revoked",
    "agent.rotate": "token replaced",
    "artifact.upload": "artifact uploaded",
    "campaign.cancel": "cancelled",
    "campaign.create": "asked for",
    "campaign.priority": "priority changed",
    "campaign.retry": "failed runs tried again",
    "device.declare-healthy": "device declared healthy",
    "enrolment.create": "enrolment code made",
    "invitation.accept": "accepted",
    "invitation.create": "made",
    "invitation.revoke": "withdrawn",
    "result.withdraw": "withdrawn",
    "run.cancel": "cancelled",
    "run.retry": "tried again",
    "schedule.create": "made",
    "schedule.edit": "edited in the administration",
    "schedule.end": "ended",
    "schedule.pause": "paused",
    "schedule.resume": "resumed",
    "schedule.run-now": "run at once",
    "token.create": "made",
    "token.revoke": "revoked",
    "user.edit": "edited in the administration",
}
SUBJECTS = tuple(sorted({action.split(".")[0] for action in ACTIONS}))
"""What an action is about: the word before its dot."""
SHORTENED_TO = 12


def audit_rows(entries: Iterable[AuditEntry], *, agents: Mapping[str, str]) -> list[dict[str, Any]]:
    """`agents` are the names of those that still have a page, by their public ids."""
    return [
        {
            "at": entry.at,
            "actor": entry.actor.username if entry.actor else "command line",
            "about": entry.action.split(".")[0],
            "subject": entry.subject,
            "subject_text": agents.get(entry.subject) or _shortened(entry.subject),
            "subject_url": _page(entry, agents),
            "what": ACTIONS.get(entry.action, entry.action.split(".")[-1]),
            "detail": "; ".join(
                f"{name.replace('_', ' ')}: {_change(value) if entry.action == 'agent.change' else _shown(value)}"
                for name, value in entry.detail.items()
            ),
        }
        for entry in entries
    ]


def _page(entry: AuditEntry, agents: Mapping[str, str]) -> str | None:
    match entry.action.split(".")[0]:
        case "agent" | "device" if entry.subject in agents:
            return reverse("agent", args=[entry.subject])
        case "campaign" | "run" as page:
            return reverse(page, args=[entry.subject])
    return None


def _shortened(subject: str) -> str:
    return subject if len(subject) <= 2 * SHORTENED_TO else f"{subject[:SHORTENED_TO]}…"


def _change(value: Any) -> str:
    """What was and what is now."""
    return " → ".join(_shown(part) for part in value)


def _shown(value: Any) -> str:
    return (", ".join(map(str, value)) or "none") if isinstance(value, list) else str(value)
