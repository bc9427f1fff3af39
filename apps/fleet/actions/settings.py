"""What an owner sets of an agent: its name, whom it serves, what it accepts; and its trust tier, by administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.core.errors import InvalidInput, NotAllowed
from apps.fleet.actions.owners import lock_agent
from apps.fleet.models import Agent, Serves, TrustTier
from apps.fleet.models.agent import MAX_TAGS

FIELDS = ("name", "tags", "serves", "accepts_uploads", "trust_tier")


@dataclass(frozen=True)
class AgentChanges:
    """What is to be set; None leaves it as it is. `served_users` are user names."""

    name: str | None = None
    tags: Sequence[str] | None = None
    serves: Serves | None = None
    served_users: Sequence[str] | None = None
    accepts_uploads: bool | None = None
    trust_tier: TrustTier | None = None


@transaction.atomic
def change_agent(*, agent: Agent, changes: AgentChanges, by: User, at: datetime) -> Agent:
    """The agent with its changes, noted in the audit log as before and after.

    Raises: NotYourAgent, NotAllowed for a trust tier by anybody but an administrator, InvalidInput naming the field.
    """
    locked = lock_agent(agent, by=by)
    before = _settings_of(locked)
    for field in FIELDS:
        if (value := getattr(changes, field)) is not None:
            setattr(locked, field, _once(value) if field == "tags" else value)
    if locked.trust_tier != before["trust_tier"] and not by.is_staff:
        raise NotAllowed("Only an administrator may say how far an agent is trusted.")
    _check(locked)
    locked.save(update_fields=FIELDS)
    if changes.served_users is not None:
        locked.served_users.set(_users(changes.served_users))
    after = _settings_of(locked)
    if after["serves"] == Serves.NAMED and not after["served_users"]:
        raise _invalid("served_users", "Name at least one user for the agent to serve, or let it serve its owner.")
    if changed := {field: [before[field], after[field]] for field in after if before[field] != after[field]}:
        record_audit(actor=by, action="agent.change", subject=locked.public_id, at=at, **changed)
    return locked


def _settings_of(agent: Agent) -> dict[str, Any]:
    served = list(agent.served_users.order_by("username").values_list("username", flat=True))
    return {field: getattr(agent, field) for field in FIELDS} | {"served_users": served}


def _once(tags: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(tag.strip().lower() for tag in tags if tag.strip()))


def _check(agent: Agent) -> None:
    if len(agent.tags) > MAX_TAGS:
        raise _invalid("tags", f"An agent has at most {MAX_TAGS} tags.")
    try:
        agent.clean_fields(exclude={field.name for field in Agent._meta.fields} - set(FIELDS))
    except ValidationError as exc:
        field, messages = next(iter(exc.message_dict.items()))
        raise _invalid(field, messages[0]) from None


def _users(names: Sequence[str]) -> list[User]:
    wanted = {name.strip() for name in names if name.strip()}
    found = list(User.objects.filter(username__in=wanted, is_active=True))
    if unknown := sorted(wanted - {user.username for user in found}):
        raise _invalid("served_users", f"There is no user {', '.join(unknown)}.")
    return found


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, [{"field": field, "message": message}])
