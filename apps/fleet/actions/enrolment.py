"""Codes, the agents they become, and their tokens."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.core.errors import NotAllowed
from apps.core.tokens import digest, new_secret
from apps.fleet.models import Agent, EnrolmentCode, TrustTier
from runners import wire

AGENT_PREFIX = "zba"
CODE_PREFIX = "zbe"
CREATE_ANOTHER = "create a new one with “Register hardware” on the page /agents, or with `manage.py enrolment_code`"


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
    code = _usable_code(request.code, at=at)
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


def _usable_code(text: str, *, at: datetime) -> EnrolmentCode:
    code = EnrolmentCode.objects.select_for_update().filter(digest=digest(text)).first()
    if code is None:
        raise CodeRefused(f"There is no such enrolment code: copy the line as it was shown, or {CREATE_ANOTHER}.")
    if code.used_at is not None:
        raise CodeRefused(f"This enrolment code was used already, and each enrols one agent: {CREATE_ANOTHER}.")
    if code.expires_at <= at:
        minutes = settings.ENROLMENT_CODE_S // 60
        raise CodeRefused(f"This enrolment code has expired, it was good for {minutes} minutes: {CREATE_ANOTHER}.")
    return code


@transaction.atomic
def rotate_token(*, agent: Agent, at: datetime) -> str:
    """A new token for the agent, which keeps its id; the old one is refused from now on."""
    secret = new_secret(AGENT_PREFIX, public_id=agent.public_id)
    Agent.objects.filter(pk=agent.pk).update(digest=secret.digest, rotation_requested_at=None)
    record_audit(actor=agent.owner, action="agent.rotate", subject=agent.public_id, at=at)
    return secret.token
