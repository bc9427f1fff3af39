"""What an owner does with an agent: pause, drain, rotate, revoke, delete. Doing it twice is the same as once."""

from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.core.errors import Conflict, NotAllowed, NotFound
from apps.fleet.models import Agent, AgentStatus


class NotYourAgent(NotAllowed):
    type = "not-your-agent"
    title = "Not your agent"


class AgentRevoked(Conflict):
    type = "agent-revoked"
    title = "The agent is revoked"


def check_may_manage(agent: Agent, *, by: User | None) -> None:
    """Raises NotYourAgent for all but the owner and administrators. Nobody (None) is the command line of the site."""
    if by is not None and not agent.is_managed_by(by):
        raise NotYourAgent("Only the owner of an agent, or an administrator, may change it.")


def pause_agent(*, agent: Agent, by: User, at: datetime) -> None:
    """Give it no more runs; it goes on with the one it has, and keeps calling."""
    _set_status(agent, AgentStatus.PAUSED, action="agent.pause", by=by, at=at)


def resume_agent(*, agent: Agent, by: User, at: datetime) -> None:
    """Give a paused or draining agent runs again. One that has drained must be started again on its host."""
    _set_status(agent, AgentStatus.ACTIVE, action="agent.resume", by=by, at=at)


def drain_agent(*, agent: Agent, by: User, at: datetime) -> None:
    """Let its program finish what it does, upload it, and end."""
    _set_status(agent, AgentStatus.DRAINING, action="agent.drain", by=by, at=at)


@transaction.atomic
def request_rotation(*, agent: Agent, by: User, at: datetime) -> None:
    """Ask the agent to replace its token at its next contact; the old one is good until then."""
    locked = lock_agent(agent, by=by)
    _refuse_revoked(locked)
    if locked.rotation_requested_at is None:
        locked.rotation_requested_at = at
        locked.save(update_fields=["rotation_requested_at"])
        record_audit(actor=by, action="agent.request-rotation", subject=locked.public_id, at=at)


@transaction.atomic
def revoke_agent(*, agent: Agent, by: User | None, at: datetime) -> None:
    """Refuse the agent from its next call on. Its leases run out by themselves."""
    check_may_manage(agent, by=by)
    revoked = Agent.objects.filter(pk=agent.pk).exclude(status=AgentStatus.REVOKED)
    if revoked.update(status=AgentStatus.REVOKED, revoked_at=at, rotation_requested_at=None):
        record_audit(actor=by, action="agent.revoke", subject=agent.public_id, at=at)


OWNER_ACTIONS = {
    "pause": pause_agent,
    "resume": resume_agent,
    "drain": drain_agent,
    "rotate": request_rotation,
    "revoke": revoke_agent,
}
"""By the word that pages and API have for each."""


@transaction.atomic
def delete_agent(*, agent: Agent, by: User, at: datetime) -> bool:
    """Delete an agent that never did anything; retire one whose attempts or submissions need their origin.

    Returns whether the row is gone. A retired agent is revoked, and the fleet does not show it.
    """
    locked = lock_agent(agent, by=by)
    try:
        with transaction.atomic():
            locked.delete()
    except ProtectedError:
        revoke_agent(agent=agent, by=by, at=at)
        if Agent.objects.in_fleet().filter(pk=agent.pk).update(retired_at=at):
            record_audit(actor=by, action="agent.retire", subject=agent.public_id, at=at)
        return False
    record_audit(actor=by, action="agent.delete", subject=agent.public_id, at=at, name=agent.name)
    return True


def lock_agent(agent: Agent, *, by: User) -> Agent:
    """The agent as it is now, until the transaction ends. Raises NotYourAgent, and NotFound for one deleted since."""
    check_may_manage(agent, by=by)
    locked = Agent.objects.select_for_update().filter(pk=agent.pk).first()
    if locked is None:
        raise NotFound("This agent was deleted meanwhile.")
    return locked


@transaction.atomic
def _set_status(agent: Agent, status: AgentStatus, *, action: str, by: User, at: datetime) -> None:
    locked = lock_agent(agent, by=by)
    _refuse_revoked(locked)
    if locked.status != status:
        before, locked.status = locked.status, status
        locked.save(update_fields=["status"])
        record_audit(actor=by, action=action, subject=locked.public_id, at=at, before=before)


def _refuse_revoked(agent: Agent) -> None:
    if agent.status == AgentStatus.REVOKED:
        raise AgentRevoked("This agent is revoked for good: enrol it again with a new code.")
