"""Agents, their devices and what they did, as the fleet's pages show them."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.board.text import flatten_facts
from apps.fleet.models import Agent, Attachment
from apps.fleet.versions import upgrade_advice
from apps.runs.models import Attempt


def agent_row(agent: Agent, *, current: Attempt | None, at: datetime) -> dict[str, Any]:
    """What everybody may see of an agent; its attachments with devices and kinds are loaded."""
    return {
        "name": agent.name,
        "url": reverse("agent", args=[agent.public_id]),
        "state": agent.state(at=at),
        "is_retired": agent.retired_at is not None,
        "tags": agent.tags,
        "serves": agent.get_serves_display(),
        "trust_tier": agent.get_trust_tier_display(),
        "accepts": "uploads, too" if agent.accepts_uploads else "catalogue artifacts only",
        "last_seen_at": agent.last_seen_at,
        "devices": [device_row(attachment) for attachment in agent.attachments.all()],
        "current": current_row(current) if current else None,
    }


def device_row(attachment: Attachment, *, with_facts: bool = False) -> dict[str, Any]:
    """A device behind an agent; its facts and fingerprint only for those who manage it."""
    device = attachment.device
    failed_id = device.unhealthy_after_attempt_id
    row = {
        "id": device.pk,
        "kind": device.kind.title,
        "category": device.kind.get_category_display(),
        "engines": [f"{engine['name']} {engine['release']}" for engine in attachment.engines],
        "last_seen_at": attachment.last_seen_at,
        "is_healthy": device.is_healthy_with(attachment.agent_id),
        "unhealthy_since": device.unhealthy_since,
        "unhealthy_reason": device.unhealthy_reason,
        "failed_attempt_id": failed_id,
    }
    if with_facts:
        row["facts"] = [("fingerprint", device.fingerprint), *flatten_facts(device.facts)]
    return row


def current_row(attempt: Attempt) -> dict[str, Any]:
    """The attempt that an agent holds a lease for."""
    progress = attempt.progress
    return {
        "title": f"{attempt.run.network.name}, {attempt.run.protocol.slug}",
        "run_id": attempt.run_id,
        "url": reverse("run", args=[attempt.run_id]),
        "state": attempt.state,
        "progress": f"{progress['phase']}, {progress['done']} of {progress['total']}" if progress else "",
    }


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    reason = f"{attempt.failure_kind}: {attempt.reason}" if attempt.failure_kind else attempt.reason
    return {
        "run_id": attempt.run_id,
        "url": reverse("run", args=[attempt.run_id]),
        "state": attempt.state,
        "model": attempt.run.network.name,
        "protocol": attempt.run.protocol.slug,
        "engine": f"{attempt.run.engine} {attempt.engine_release}".strip(),
        "device": attempt.device_kind.title,
        "leased_at": attempt.leased_at,
        "ended_at": attempt.ended_at,
        "reason": reason,
    }


def private_rows(agent: Agent) -> list[tuple[str, str]]:
    """What only those who manage an agent see of it, as terms and their meaning."""
    skew = agent.clock_skew_s
    return [
        ("Id", agent.public_id),
        ("Owner", agent.owner.username),
        ("Named users", ", ".join(sorted(user.username for user in agent.served_users.all())) or "none"),
        ("Release", f"zooboard-runner {agent.runner_version}, wire version {agent.wire_version}"),
        ("Clock", "not known yet" if skew is None else f"{skew:+z.1f} s against the clock of the site"),
        ("Images", ", ".join(f"{d['name']} ({d['images']:,})" for d in agent.datasets) or "none offered"),
    ]


def warnings(agent: Agent) -> list[str]:
    """What its owner should mend or wait for, one sentence each."""
    found = [upgrade_advice(agent)]
    if not agent.has_called:
        found.append("It is enrolled and was never started: start it there with zooboard-runner start.")
    if agent.has_skewed_clock:
        found.append(f"Its clock is {agent.clock_skew_s:+.0f} s off, and its results carry its times: set it with NTP.")
    if agent.rotation_requested_at is not None:
        found.append("It was asked to replace its token, and does so at its next contact.")
    if agent.is_draining:
        found.append("It ends when it has finished what it does. Resume it before it is started again.")
    found += [f"{refused['kind_name']} is refused: {refused['reason']}" for refused in agent.refused_devices]
    return [sentence for sentence in found if sentence]
