"""What an owner sets of an agent, and what only an administrator may."""

from typing import Any

import pytest

from apps.accounts.models import AuditEntry
from apps.core.errors import InvalidInput, NotAllowed
from apps.fleet.actions import AgentChanges, NotYourAgent, change_agent
from apps.fleet.models import Agent, Serves, TrustTier
from tests.factories import NOW, make_agent, make_user

pytestmark = pytest.mark.django_db


def changed(agent: Agent, **changes: Any) -> Agent:
    return change_agent(agent=agent, changes=AgentChanges(**changes), by=agent.owner, at=NOW)


def test_change_sets_what_is_named_and_notes_it_as_before_and_after() -> None:
    agent, _ = make_agent(name="lab-1")

    after = changed(agent, name="lab-2", tags=["Rack-2", " quiet ", "quiet", ""])

    entry = AuditEntry.objects.latest("id")
    assert (after.name, after.tags, after.serves) == ("lab-2", ["rack-2", "quiet"], Serves.OWNER)
    assert entry.action == "agent.change"
    assert entry.detail == {"name": ["lab-1", "lab-2"], "tags": [[], ["rack-2", "quiet"]]}


def test_change_to_what_is_there_notes_nothing() -> None:
    agent, _ = make_agent(name="lab-1")
    before = AuditEntry.objects.count()

    changed(agent, name="lab-1", tags=[], accepts_uploads=False)

    assert AuditEntry.objects.count() == before


def test_named_users_are_served() -> None:
    agent, _ = make_agent()
    make_user("grace")
    make_user("ada")

    after = changed(agent, serves=Serves.NAMED, served_users=["grace", " ada", ""])

    assert [user.username for user in after.served_users.order_by("username")] == ["ada", "grace"]
    assert AuditEntry.objects.latest("id").detail["served_users"] == [[], ["ada", "grace"]]


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"name": "../etc"}, "name", "letters, digits"),
        ({"name": ""}, "name", "blank"),
        ({"tags": ["two words"]}, "tags", "small letters"),
        ({"tags": [f"tag{number}" for number in range(21)]}, "tags", "at most 20"),
        ({"served_users": ["nobody-known"]}, "served_users", "nobody-known"),
        ({"serves": Serves.NAMED}, "served_users", "at least one user"),
    ],
)
def test_mistake_names_its_field_and_changes_nothing(changes: dict[str, Any], field: str, says: str) -> None:
    agent, _ = make_agent()
    before = Agent.objects.values().get()

    with pytest.raises(InvalidInput, match=says) as caught:
        changed(agent, **changes)

    assert [error["field"] for error in caught.value.errors] == [field]
    assert Agent.objects.values().get() == before


def test_only_an_administrator_says_how_far_an_agent_is_trusted() -> None:
    agent, _ = make_agent()

    with pytest.raises(NotAllowed, match="administrator"):
        changed(agent, trust_tier=TrustTier.VETTED)
    after = change_agent(
        agent=agent, changes=AgentChanges(trust_tier=TrustTier.VETTED), by=make_user(is_staff=True), at=NOW
    )

    assert after.trust_tier == TrustTier.VETTED
    assert AuditEntry.objects.latest("id").detail == {"trust_tier": [0, 1]}


def test_somebody_else_sets_nothing() -> None:
    agent, _ = make_agent(name="lab-1")

    with pytest.raises(NotYourAgent):
        change_agent(agent=agent, changes=AgentChanges(name="mine"), by=make_user(), at=NOW)

    assert Agent.objects.get().name == "lab-1"
