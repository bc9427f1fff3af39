"""`/audit`: who did what, for those whom it concerns."""

import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.actions import deactivate_user, reactivate_user, record_audit
from apps.accounts.models import User
from apps.board.audit_rows import ACTIONS
from apps.fleet.actions import AgentChanges, change_agent, pause_agent
from tests.board.pages import Element, read_page
from tests.factories import NOW, make_agent, make_user

pytestmark = pytest.mark.django_db

MOST_QUERIES = 10
RECORDED = re.compile(r'action="([a-z]+\.[a-z-]+)"')


def lines(user: User, address: str = "/audit") -> list[str]:
    client = Client()
    client.force_login(user)
    [table] = read_page(client.get(address)).find("table")
    return [row.text for row in table.find("tbody")[0].find("tr")]


def test_every_action_that_is_recorded_has_its_words() -> None:
    sources = [path.read_text() for path in Path("apps").rglob("*.py")]

    recorded = {action for source in sources for action in RECORDED.findall(source)}

    assert len(recorded) > 20
    assert recorded - set(ACTIONS) == set()


def test_administrators_see_who_did_what_to_whom(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    staff, agents = make_user("boss", is_staff=True), [make_agent(name=f"lab-{n}")[0] for n in range(3)]
    for agent in agents:
        pause_agent(agent=agent, by=staff, at=NOW)

    client = Client()
    client.force_login(staff)

    with django_assert_max_num_queries(MOST_QUERIES):
        client.get("/audit")

    shown = lines(staff)
    assert [line for line in shown if "boss agent lab-0 paused" in line]


def test_change_says_what_was_and_what_is_now_and_a_list_is_a_list() -> None:
    staff = make_user(is_staff=True)
    agent, _ = make_agent(name="lab-1")
    change_agent(agent=agent, changes=AgentChanges(name="lab-2"), by=staff, at=NOW)
    record_audit(actor=staff, action="token.create", subject="t", at=NOW, scopes=["read", "submit"])

    shown = lines(staff)

    assert [line for line in shown if "name: lab-1 → lab-2" in line]
    assert [line for line in shown if "scopes: read, submit" in line]


def test_log_is_narrowed_to_what_it_is_about() -> None:
    staff, user = make_user(is_staff=True), make_user("ada")
    deactivate_user(user=user, by=staff, at=NOW)
    pause_agent(agent=make_agent()[0], by=staff, at=NOW)

    shown = lines(staff, "/audit?about=account")

    assert [line for line in shown if "account ada account closed" in line]
    assert all(" account " in line for line in shown)


def test_everybody_else_sees_what_concerns_them_alone() -> None:
    staff, user, other = make_user("boss", is_staff=True), make_user("ada"), make_user("bob")
    mine, theirs = make_agent(owner=user, name="mine")[0], make_agent(owner=other, name="theirs")[0]
    for agent in (mine, theirs):
        pause_agent(agent=agent, by=staff, at=NOW)
    for each in (user, other):
        deactivate_user(user=each, by=staff, at=NOW)
        reactivate_user(user=each, by=staff, at=NOW)

    shown = " ".join(lines(user))

    assert "boss agent mine paused" in shown
    assert "boss account ada account closed" in shown
    assert "theirs" not in shown
    assert "bob" not in shown


def test_name_that_is_a_number_shows_nothing_of_what_has_that_number() -> None:
    staff, user = make_user("boss", is_staff=True), make_user("12")
    record_audit(actor=staff, action="campaign.cancel", subject="12", at=NOW)

    assert lines(user) == ["Nothing was noted yet."]


def test_deleted_agent_has_no_link() -> None:
    staff = make_user(is_staff=True)
    record_audit(actor=staff, action="agent.enrol", subject="0" * 16, at=NOW)
    client = Client()
    client.force_login(staff)

    [table] = read_page(client.get("/audit")).find("table")

    assert links(table) == []


def links(table: Element) -> list[str]:
    return [link.attributes["href"] for link in table.find("tbody")[0].find("a")]


def test_visitor_is_asked_to_log_in_first() -> None:
    response = Client().get("/audit")

    assert (response.status_code, response["Location"]) == (302, "/login?next=/audit")
