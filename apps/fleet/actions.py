"""What changes agents, devices and enrolment codes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.core.errors import InvalidInput, NotAllowed
from apps.core.tokens import digest, new_secret
from apps.fleet.kinds import recognise
from apps.fleet.models import STUB_ENGINE, Agent, AgentStatus, Attachment, Device, EnrolmentCode, TrustTier
from runners import wire

AGENT_PREFIX = "zba"
CODE_PREFIX = "zbe"


class CodeRefused(NotAllowed):
    type = "enrolment-code-refused"
    title = "The enrolment code cannot be used"


@transaction.atomic
def create_enrolment_code(*, owner: User, at: datetime, trust_tier: TrustTier = TrustTier.UNVETTED) -> str:
    """A single-use code. The answer is the only time it is seen."""
    secret = new_secret(CODE_PREFIX)
    EnrolmentCode.objects.create(
        digest=digest(secret.token),
        owner=owner,
        trust_tier=trust_tier,
        created_at=at,
        expires_at=at + timedelta(seconds=settings.ENROLMENT_CODE_S),
    )
    record_audit(actor=owner, action="enrolment.create", subject=secret.public_id, at=at)
    return secret.token


@transaction.atomic
def enrol_agent(*, request: wire.EnrolRequest, at: datetime) -> tuple[Agent, str]:
    """Turn a code into an agent and its token. Raises CodeRefused, which says what to do next."""
    code = EnrolmentCode.objects.select_for_update().filter(digest=digest(request.code)).first()
    if code is None:
        raise CodeRefused("There is no such enrolment code: copy the line that `manage.py enrolment_code` printed.")
    if code.used_at is not None:
        raise CodeRefused("This enrolment code was used already: create a new one, each enrols one agent.")
    if code.expires_at <= at:
        raise CodeRefused("This enrolment code has expired (15 minutes): create a new one.")
    secret = new_secret(AGENT_PREFIX)
    agent = Agent.objects.create(
        public_id=secret.public_id,
        digest=secret.digest,
        name=request.name,
        owner=code.owner,
        trust_tier=code.trust_tier,
        runner_version=request.runner_version,
        wire_version=request.wire_version,
        enrolled_at=at,
        last_seen_at=at,
    )
    code.used_at, code.agent = at, agent
    code.save(update_fields=["used_at", "agent"])
    record_audit(actor=code.owner, action="agent.enrol", subject=agent.public_id, at=at, name=agent.name)
    return agent, secret.token


@transaction.atomic
def rotate_token(*, agent: Agent, at: datetime) -> str:
    """A new token for the agent; the old one is refused from now on."""
    secret = new_secret(AGENT_PREFIX)
    Agent.objects.filter(pk=agent.pk).update(public_id=secret.public_id, digest=secret.digest)
    record_audit(actor=agent.owner, action="agent.rotate", subject=secret.public_id, at=at, before=agent.public_id)
    return secret.token


@transaction.atomic
def revoke_agent(*, agent: Agent, by: User | None, at: datetime) -> None:
    """Refuse the agent from its next call on. Its leases run out by themselves."""
    revoked = Agent.objects.filter(pk=agent.pk).exclude(status=AgentStatus.REVOKED)
    if revoked.update(status=AgentStatus.REVOKED, revoked_at=at):
        record_audit(actor=by, action="agent.revoke", subject=agent.public_id, at=at)


def touch_agent(*, agent: Agent, client_time: datetime, at: datetime) -> None:
    """Note that the agent is there, and how far its clock is off."""
    Agent.objects.filter(pk=agent.pk).update(last_seen_at=at, clock_skew_s=(client_time - at).total_seconds())


@transaction.atomic
def attach_devices(*, agent: Agent, offers: Sequence[wire.DeviceOffer], at: datetime) -> list[Attachment]:
    """Note the devices an agent offers, in their order, and detach those it offers no more.

    Raises InvalidInput for one the site cannot take.
    """
    attachments = [_attach(agent=agent, offer=offer, at=at) for offer in offers]
    agent.attachments.exclude(pk__in=[attachment.pk for attachment in attachments]).delete()
    return attachments


@transaction.atomic
def offer_datasets(*, agent: Agent, datasets: Sequence[wire.Dataset]) -> None:
    """Note the labelled images an agent has, instead of those it had. Raises InvalidInput for a name given twice."""
    names = [(dataset.task, dataset.name) for dataset in datasets]
    if twice := sorted({name for task, name in names if names.count((task, name)) > 1}):
        message = f"Two datasets of one task are called {', '.join(twice)}: register one of them under another name."
        raise InvalidInput(message, [{"field": "datasets", "message": message}])
    offered = [dataset.model_dump(mode="json") for dataset in datasets]
    if offered != agent.datasets:
        agent.datasets = offered
        Agent.objects.filter(pk=agent.pk).update(datasets=offered)


@transaction.atomic
def note_device(*, owner: User, offer: wire.DeviceOffer, at: datetime) -> Device:
    """The owner's device that a submission names, made where it is new; one that is known stays as it is.

    Raises InvalidInput for one the site cannot take, or that was another kind before.
    """
    kind = recognise(offer)
    device, _ = Device.objects.get_or_create(
        owner=owner,
        fingerprint=offer.fingerprint,
        defaults={"kind": kind, "facts": offer.facts, "first_seen_at": at, "last_seen_at": at},
    )
    if device.kind_id != kind.pk:
        raise InvalidInput(f"This device is known here as {device.kind.slug}, the record says {kind.slug}.")
    return device


def _attach(*, agent: Agent, offer: wire.DeviceOffer, at: datetime) -> Attachment:
    device, _ = Device.objects.update_or_create(
        owner=agent.owner,
        fingerprint=offer.fingerprint,
        defaults={"kind": recognise(offer), "facts": offer.facts, "last_seen_at": at},
        create_defaults={
            "kind": recognise(offer),
            "facts": offer.facts,
            "first_seen_at": at,
            "last_seen_at": at,
        },
    )
    attachment, _ = Attachment.objects.update_or_create(
        agent=agent,
        device=device,
        defaults={"engines": _usable_engines(offer), "last_seen_at": at},
    )
    return attachment


def _usable_engines(offer: wire.DeviceOffer) -> list[dict[str, str]]:
    """The stub engine measures nothing, so a real device has no use for it."""
    return [engine.model_dump() for engine in offer.engines if offer.is_simulated or engine.name != STUB_ENGINE]
