from datetime import timedelta

import pytest
from django.conf import settings

from apps.accounts.models import AuditEntry
from apps.fleet.actions import create_enrolment_code, enrol_agent, revoke_agent, rotate_token, touch_agent
from apps.fleet.authentication import CLOSED, REFUSED, find_agent, refusal
from apps.fleet.models import AgentStatus
from runners import wire
from tests.factories import NOW, make_agent, make_user

pytestmark = pytest.mark.django_db


def test_agent_is_found_by_its_token() -> None:
    agent, token = make_agent()

    assert find_agent(token) == agent


@pytest.mark.parametrize("change", ["zbt_", "x", ""])
def test_agent_is_not_found_by_another_token(change: str) -> None:
    _, token = make_agent()

    assert find_agent(f"{change}{token}" if change else token[:-2]) is None


def test_revoked_agent_is_refused_at_its_next_call() -> None:
    agent, token = make_agent()

    revoke_agent(agent=agent, by=agent.owner, at=NOW)

    agent.refresh_from_db()
    assert find_agent(token) is None
    assert (agent.status, agent.revoked_at) == (AgentStatus.REVOKED, NOW)


def test_agent_of_a_closed_account_is_refused() -> None:
    agent, token = make_agent()

    agent.owner.is_active = False
    agent.owner.save()

    assert find_agent(token) is None


def test_revoking_twice_keeps_the_first_time() -> None:
    agent, _ = make_agent()
    revoke_agent(agent=agent, by=agent.owner, at=NOW)

    revoke_agent(agent=agent, by=make_user(is_staff=True), at=NOW + timedelta(days=1))

    agent.refresh_from_db()
    assert agent.revoked_at == NOW
    assert AuditEntry.objects.filter(action="agent.revoke").count() == 1


def test_paused_agent_may_still_call() -> None:
    agent, token = make_agent(status=AgentStatus.PAUSED)

    assert find_agent(token) == agent


def test_only_whoever_holds_its_secret_hears_that_an_agent_was_revoked() -> None:
    agent, token = make_agent(name="lab-1")
    revoke_agent(agent=agent, by=None, at=NOW)

    assert refusal(token).startswith("Agent lab-1 was revoked 2026-03-01 12:00 UTC, which is for good: enrol it again")
    assert refusal(token[:-2]) == refusal("") == REFUSED


def test_agent_of_a_closed_account_hears_that_it_is_closed() -> None:
    owner = make_user()
    _, token = make_agent(owner=owner)
    owner.is_active = False
    owner.save()

    assert (find_agent(token), refusal(token)) == (None, CLOSED)


def test_rotation_refuses_the_old_token() -> None:
    agent, before = make_agent()

    after = rotate_token(agent=agent, at=NOW)

    assert find_agent(before) is None
    assert find_agent(after) == agent


def test_touch_notes_how_far_the_clock_is_off() -> None:
    agent, _ = make_agent()

    touch_agent(agent=agent, client_time=NOW + timedelta(seconds=90), at=NOW)

    agent.refresh_from_db()
    assert agent.clock_skew_s == 90


def test_agent_that_was_only_enrolled_is_not_online() -> None:
    code = create_enrolment_code(owner=make_user(), at=NOW)
    agent, _ = enrol_agent(request=wire.EnrolRequest(code=code, name="lab", runner_version="1.0"), at=NOW)
    later = NOW + timedelta(seconds=2)

    before = agent.state(at=later)
    touch_agent(agent=agent, client_time=later, at=later)
    agent.refresh_from_db()

    assert (before, agent.state(at=later)) == ("offline", "online")


def test_agent_is_online_until_it_is_silent_for_too_long() -> None:
    agent, _ = make_agent()
    limit = timedelta(seconds=settings.AGENT_ONLINE_S)

    assert agent.is_online(at=NOW + limit)
    assert not agent.is_online(at=NOW + limit + timedelta(seconds=1))
