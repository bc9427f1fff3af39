"""Pausing, draining, rotating, revoking and deleting agents: who may, and that twice is the same as once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.models import AuditEntry, User
from apps.fleet import actions
from apps.fleet.actions import OWNER_ACTIONS, AgentRevoked, NotYourAgent
from apps.fleet.api.base import agent_settings
from apps.fleet.authentication import find_agent
from apps.fleet.models import Agent, AgentStatus
from tests.factories import NOW, make_agent, make_leased, make_user, submission_message, submit_record

LATER = NOW + timedelta(minutes=1)
EVERY_ACTION: list[Callable[..., Any]] = [*OWNER_ACTIONS.values(), actions.delete_agent]

pytestmark = pytest.mark.django_db


def audit(agent: Agent) -> list[str]:
    """What was done with the agent since it enrolled, in order."""
    entries = AuditEntry.objects.filter(subject=agent.public_id).exclude(action="agent.enrol").order_by("id")
    return list(entries.values_list("action", flat=True))


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("pause", AgentStatus.ACTIVE, AgentStatus.PAUSED),
        ("pause", AgentStatus.DRAINING, AgentStatus.PAUSED),
        ("drain", AgentStatus.ACTIVE, AgentStatus.DRAINING),
        ("drain", AgentStatus.PAUSED, AgentStatus.DRAINING),
        ("resume", AgentStatus.PAUSED, AgentStatus.ACTIVE),
        ("resume", AgentStatus.DRAINING, AgentStatus.ACTIVE),
    ],
)
def test_action_leads_from_one_status_to_another_and_is_noted_once(
    verb: str, before: AgentStatus, after: AgentStatus
) -> None:
    agent, _ = make_agent(status=before)

    for _ in range(2):
        OWNER_ACTIONS[verb](agent=agent, by=agent.owner, at=NOW)

    agent.refresh_from_db()
    assert agent.status == after
    assert audit(agent) == [f"agent.{verb}"]
    assert AuditEntry.objects.latest("id").detail == {"before": str(before)}


@pytest.mark.parametrize("action", EVERY_ACTION)
def test_somebody_else_may_do_nothing_with_an_agent(action: Callable[..., Any]) -> None:
    agent, _ = make_agent()

    with pytest.raises(NotYourAgent):
        action(agent=agent, by=make_user(), at=NOW)

    assert Agent.objects.get() == agent
    assert audit(agent) == []


@pytest.mark.parametrize("action", EVERY_ACTION)
def test_administrator_may_do_what_the_owner_may(action: Callable[..., Any]) -> None:
    agent, _ = make_agent(status=AgentStatus.PAUSED if action is actions.resume_agent else AgentStatus.ACTIVE)
    administrator = make_user(is_staff=True)
    if action is actions.pause_agent:
        actions.drain_agent(agent=agent, by=agent.owner, at=NOW)

    action(agent=agent, by=administrator, at=NOW)

    assert AuditEntry.objects.latest("id").actor == administrator


@pytest.mark.parametrize("verb", ["pause", "resume", "drain", "rotate"])
def test_revoked_agent_stays_revoked(verb: str) -> None:
    agent, _ = make_agent()
    actions.revoke_agent(agent=agent, by=agent.owner, at=NOW)

    with pytest.raises(AgentRevoked, match="enrol it again"):
        OWNER_ACTIONS[verb](agent=agent, by=agent.owner, at=LATER)

    agent.refresh_from_db()
    assert agent.status == AgentStatus.REVOKED


def test_draining_agent_is_told_to_end() -> None:
    agent, token = make_agent()
    actions.drain_agent(agent=agent, by=agent.owner, at=NOW)

    told = find_agent(token)

    assert told is not None
    assert agent_settings(told).is_draining


def test_agent_is_asked_to_rotate_until_it_did() -> None:
    agent, token = make_agent()
    for at in (NOW, LATER):
        actions.request_rotation(agent=agent, by=agent.owner, at=at)
    asked = find_agent(token)
    assert asked is not None

    after = actions.rotate_token(agent=asked, at=LATER)

    rotated = find_agent(after)
    assert rotated is not None
    assert (asked.rotation_requested_at, rotated.rotation_requested_at) == (NOW, None)
    assert [agent_settings(a).should_rotate for a in (asked, rotated)] == [True, False]
    assert rotated.public_id == agent.public_id
    assert audit(agent) == ["agent.request-rotation", "agent.rotate"]


def test_agent_that_never_worked_is_deleted() -> None:
    agent, token = make_agent()

    is_gone = actions.delete_agent(agent=agent, by=agent.owner, at=NOW)

    assert is_gone
    assert not Agent.objects.exists()
    assert find_agent(token) is None
    assert audit(agent) == ["agent.delete"]


@pytest.mark.usefixtures("catalogue")
def test_agent_with_attempts_is_retired_and_they_keep_it() -> None:
    attempt = make_leased()
    agent = attempt.agent

    outcomes = [actions.delete_agent(agent=agent, by=agent.owner, at=at) for at in (NOW, LATER)]

    agent.refresh_from_db()
    attempt.refresh_from_db()
    assert outcomes == [False, False]
    assert (agent.status, agent.revoked_at, agent.retired_at) == (AgentStatus.REVOKED, NOW, NOW)
    assert not Agent.objects.in_fleet().exists()
    assert attempt.agent == agent
    assert audit(agent) == ["agent.revoke", "agent.retire"]


@pytest.mark.usefixtures("catalogue")
def test_agent_that_only_submitted_is_retired_too() -> None:
    agent, _ = make_agent()
    submit_record(agent, submission_message())

    assert not actions.delete_agent(agent=agent, by=agent.owner, at=NOW)


def test_deleting_what_was_deleted_meanwhile_says_so() -> None:
    agent, _ = make_agent()
    owner: User = agent.owner
    stale = Agent.objects.get()
    actions.delete_agent(agent=agent, by=owner, at=NOW)

    with pytest.raises(Exception, match="deleted meanwhile"):
        actions.pause_agent(agent=stale, by=owner, at=NOW)
