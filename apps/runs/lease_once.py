"""One try to lease, without waiting: what the web process and the long poll share."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from apps.core.api.errors import parse
from apps.fleet.actions import attach_devices, offer_datasets, touch_agent
from apps.fleet.api.base import agent_settings, check_wire_version
from apps.fleet.models import Agent, Attachment
from apps.runs.actions.leases import granted_before, lease_run
from apps.runs.leases import Lease, lease_token
from apps.runs.models import Attempt
from runners import wire


def read_request(data: object) -> wire.LeaseRequest:
    """Raises InvalidInput, and UpgradeRequired for another wire version."""
    request = parse(wire.LeaseRequest, data)
    check_wire_version(request.wire_version)
    return request


def arrive(agent: Agent, request: wire.LeaseRequest) -> list[Attachment]:
    """Note that the agent is there and what it offers. Raises InvalidInput for a device the site cannot take."""
    now = timezone.now()
    touch_agent(
        agent=agent,
        client_time=request.client_time,
        at=now,
        runner_version=request.runner_version,
        wire_version=request.wire_version,
    )
    offer_datasets(agent=agent, datasets=request.datasets)
    return attach_devices(agent=agent, offers=request.devices, at=now)


def try_lease(agent: Agent, attachments: list[Attachment], request: wire.LeaseRequest) -> wire.LeaseAnswer | None:
    """The next run for these devices, None when there is none. Raises LeaseOver."""
    attempt = lease_run(
        agent=agent,
        attachments=attachments,
        request_id=request.request_id,
        at=timezone.now(),
        cached_artifacts=request.cached_artifacts,
    )
    return None if attempt is None else _answer(attempt)


def repeat_lease(agent: Agent, request: wire.LeaseRequest) -> wire.LeaseAnswer | None:
    """The lease that a repetition of this very request got meanwhile. Raises LeaseOver."""
    attempt = granted_before(agent=agent, request_id=request.request_id)
    return None if attempt is None else _answer(attempt)


def _answer(attempt: Attempt) -> wire.LeaseAnswer:
    run = attempt.run
    assert run.artifact is not None, "executable_by() only gives runs that have an artifact"
    order = wire.RunOrder.model_validate(
        {
            "run_id": run.pk,
            "attempt_id": attempt.pk,
            "model": run.network.name,
            "engine": run.engine,
            "device_fingerprint": attempt.device.fingerprint,
            "protocol": run.protocol.as_order(),
            "artifact": run.artifact.as_order(),
            "dataset": attempt.dataset,
        }
    )
    left = max(attempt.expires_at - timezone.now(), timedelta(0))
    return wire.LeaseAnswer(
        order=order,
        lease_token=lease_token(Lease(attempt.pk, attempt.fence)),
        expires_in_s=min(left.total_seconds(), settings.LEASE_S),
        settings=agent_settings(attempt.agent),
    )
