"""Whose runs an agent gets: its owner's, those of named users, everyone's; and none once it drains or is gone."""

import pytest

from apps.accounts.models import User
from apps.fleet.actions import AgentChanges, change_agent, delete_agent, drain_agent
from apps.fleet.models import Agent, Attachment, Serves
from apps.runs.actions.leases import lease_run
from apps.runs.actions.queue import refresh_queue
from tests.factories import NOW, attach, make_agent, make_runs, make_user, request_id

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def friend(catalogue: None) -> User:
    return make_user("friend")


@pytest.fixture
def serving(friend: User) -> tuple[Agent, list[Attachment]]:
    """An agent that serves its owner and a friend."""
    agent, _ = make_agent()
    named = AgentChanges(serves=Serves.NAMED, served_users=["friend"])
    return change_agent(agent=agent, changes=named, by=agent.owner, at=NOW), attach(agent)


def gets(agent: Agent, attachments: list[Attachment]) -> bool:
    return lease_run(agent=agent, attachments=attachments, request_id=request_id(), at=NOW) is not None


def test_agent_serves_its_owner_and_the_named_users_only(serving: tuple[Agent, list[Attachment]], friend: User) -> None:
    [theirs] = make_runs(requested_by=make_user())
    refused = gets(*serving)
    for user in (friend, serving[0].owner):
        make_runs(requested_by=user)

    refresh_queue(at=NOW)

    theirs.refresh_from_db()
    assert (refused, gets(*serving)) == (False, True)
    assert theirs.blocked_by.endswith("serve other owners only")


def test_run_of_a_named_user_is_not_blocked(serving: tuple[Agent, list[Attachment]], friend: User) -> None:
    [run] = make_runs(requested_by=friend)

    refresh_queue(at=NOW)

    run.refresh_from_db()
    assert run.blocked_by == ""


def test_user_who_is_named_no_more_is_not_served(serving: tuple[Agent, list[Attachment]], friend: User) -> None:
    agent, attachments = serving
    make_runs(requested_by=friend)
    change_agent(agent=agent, changes=AgentChanges(serves=Serves.OWNER), by=agent.owner, at=NOW)

    assert not gets(agent, attachments)


def test_draining_agent_gets_no_run(serving: tuple[Agent, list[Attachment]], friend: User) -> None:
    make_runs(requested_by=friend)
    drain_agent(agent=serving[0], by=serving[0].owner, at=NOW)

    assert not gets(*serving)


def test_agent_that_is_deleted_while_it_waits_gets_no_run(
    serving: tuple[Agent, list[Attachment]], friend: User
) -> None:
    make_runs(requested_by=friend)
    waiting = Agent.objects.get()
    delete_agent(agent=serving[0], by=serving[0].owner, at=NOW)

    assert not gets(waiting, serving[1])
