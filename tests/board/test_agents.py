"""`/agents` and `/agents/<id>`: the fleet for everybody, and the owner's page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.fleet import actions
from apps.fleet.actions import OWNER_ACTIONS
from apps.fleet.models import Agent, EnrolmentCode, Serves, TrustTier
from apps.runs.actions.leases import heartbeat
from apps.runs.actions.outcomes import fail_attempt
from apps.runs.models import Attempt
from runners import wire
from tests.board.pages import Element, read_page
from tests.factories import (
    attach,
    device_offer,
    lease,
    make_agent,
    make_leased,
    make_runs,
    make_user,
    seed_catalogue,
    token_of,
)

MAX_LIST_QUERIES = 4
MAX_VISITOR_QUERIES = 6
MAX_OWNER_QUERIES = 10
HTMX = {"HX-Request": "true"}
POSTS = [*OWNER_ACTIONS, "settings", "delete"]
GOOD = {"name": "lab-2", "tags": "rack-2, quiet", "serves": "owner", "served_users": ""}


@pytest.fixture
def catalogue(db: None) -> None:
    seed_catalogue()


@pytest.fixture
def owner(catalogue: None) -> User:
    return make_user("ada")


@pytest.fixture
def lab(owner: User) -> Agent:
    return make_agent(owner=owner, name="lab-1", at=timezone.now())[0]


@pytest.fixture
def mine(owner: User) -> Client:
    return client_of(owner)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return read_page(response).find("main")[0].text


def said(client: Client) -> list[str]:
    return [message.text for message in read_page(client.get("/agents")).find("p", class_="message")]


@pytest.mark.parametrize("count", [1, 12])
def test_fleet_shows_state_devices_and_current_run(
    visitor: Client, catalogue: None, django_assert_max_num_queries: Any, count: int
) -> None:
    attempts = [make_leased(at=timezone.now()) for _ in range(count)]
    progress = wire.Progress(phase="process", done=2, total=5)
    heartbeat(agent=attempts[0].agent, token=token_of(attempts[0]), progress=progress, at=timezone.now())

    with django_assert_max_num_queries(MAX_LIST_QUERIES):
        page = read_page(visitor.get("/agents"))

    [row] = [row for row in page.find("tr") if attempts[0].agent.name in row.text.split()]
    assert len(page.find("tbody")[0].find("tr")) == count
    for part in ("online", "Example CPU 9000", "MobileNetV1_x0_25, cpu-fp32-bs1", "process, 2 of 5", "unvetted"):
        assert part in row.text


def test_every_state_is_shown(visitor: Client, owner: User) -> None:
    now = timezone.now()
    for verb in ("pause", "drain", "revoke"):
        OWNER_ACTIONS[verb](agent=make_agent(owner=owner, name=verb, at=now)[0], by=owner, at=now)
    make_agent(owner=owner, name="asleep", at=now - timedelta(days=1))

    rows = read_page(visitor.get("/agents")).find("tbody")[0].find("tr")

    states = {row.find("a")[0].text: row.find("span", class_="state")[0].text for row in rows}
    assert states == {"pause": "paused", "drain": "draining", "revoke": "revoked", "asleep": "offline"}
    assert list(states)[-1] == "revoke"


def test_empty_fleet_says_how_to_fill_it(visitor: Client, mine: Client) -> None:
    assert "Log in to register hardware" in text(visitor.get("/agents"))
    assert "“Register hardware” gives you the line" in text(mine.get("/agents"))


def test_htmx_gets_the_parts_that_change(visitor: Client, lab: Agent) -> None:
    for address, part in (("/agents", "agents-table"), (f"/agents/{lab.public_id}", "agent-live")):
        response = visitor.get(address, headers=HTMX)
        [element] = [child for child in read_page(response).children if isinstance(child, Element)]
        assert element.attributes["id"] == part
        assert element.attributes["hx-get"].startswith(address)


def test_registering_shows_the_line_once_and_it_enrols(mine: Client, owner: User) -> None:
    [form] = read_page(mine.get("/agents")).find("form", action="/agents/register")
    response = mine.post(form.attributes["action"])
    [line] = read_page(response).find("code", id="enrol-command")
    program, verb, site, code = line.text.split()
    agent, _ = actions.enrol_agent(
        request=wire.EnrolRequest(code=code, name="bench-1", runner_version="1.0"), at=timezone.now()
    )

    again = mine.get("/agents/register")

    assert (program, verb, site) == ("zooboard-runner", "enroll", "http://127.0.0.1:8000")
    assert "15 minutes left" in text(response)
    assert "no-store" in response["Cache-Control"]
    assert agent.owner == owner
    assert (again.status_code, again["Location"]) == (302, "/agents")


def test_page_of_a_code_follows_what_becomes_of_it(mine: Client, owner: User) -> None:
    mine.post("/agents/register")
    code = EnrolmentCode.objects.get()
    address = f"/agents/codes/{code.pk}"
    waiting = mine.get(address).content.decode()
    agent, _ = make_agent(owner=owner, name="bench-1")
    EnrolmentCode.objects.filter(pk=code.pk).update(expires_at=timezone.now(), created_at=agent.enrolled_at)

    expired = mine.get(address).content.decode()
    EnrolmentCode.objects.exclude(pk=code.pk).delete()
    EnrolmentCode.objects.update(agent=agent, used_at=timezone.now())
    used = mine.get(address).content.decode()

    assert "Waiting for the agent" in waiting
    assert "has expired" in expired
    assert "is enrolled" in used
    assert [("hx-get" in part) for part in (waiting, expired, used)] == [True, False, False]


def test_code_of_somebody_else_is_not_there(mine: Client, visitor: Client) -> None:
    client_of(make_user()).post("/agents/register")
    address = f"/agents/codes/{EnrolmentCode.objects.get().pk}"

    assert mine.get(address).status_code == 404
    assert visitor.get(address).status_code == 302


def test_visitor_may_not_register(visitor: Client, catalogue: None) -> None:
    response = visitor.post("/agents/register")

    assert (response.status_code, response["Location"]) == (302, "/login?next=/agents/register")
    assert not EnrolmentCode.objects.exists()


def test_visitor_sees_what_it_does_and_nothing_that_identifies_it(
    visitor: Client, owner: User, lab: Agent, django_assert_max_num_queries: Any
) -> None:
    User.objects.filter(pk=owner.pk).update(email="ada@example.org", username="ada-the-owner")
    [attachment] = attach(lab, device_offer(facts={"serial": "SECRET-1"}))
    make_runs(requested_by=owner)
    attempt = lease(lab, [attachment])

    with django_assert_max_num_queries(MAX_VISITOR_QUERIES):
        response = visitor.get(f"/agents/{lab.public_id}")

    assert f"{attempt.run.network.name} cpu-fp32-bs1" in text(response)
    assert "onnxruntime 1.2.3" in text(response)
    for secret in ("SECRET-1", attachment.device.fingerprint, "ada", "Audit", "Settings", "Revoke", "Clock"):
        assert secret not in text(response)


def test_owner_sees_facts_versions_clock_and_audit(
    mine: Client, owner: User, lab: Agent, django_assert_max_num_queries: Any
) -> None:
    attach(lab, device_offer(facts={"logical_cores": 16}))
    now = timezone.now()
    actions.change_agent(agent=lab, changes=actions.AgentChanges(tags=["rack-2"]), by=owner, at=now)
    actions.request_rotation(agent=lab, by=owner, at=now)
    client_time = now - timedelta(seconds=31)
    actions.touch_agent(agent=lab, client_time=client_time, at=now, runner_version="0.0.1", wire_version=1)

    with django_assert_max_num_queries(MAX_OWNER_QUERIES):
        page = text(mine.get(f"/agents/{lab.public_id}"))

    for part in (
        "older than this site's",
        "Its clock is -31 s off",
        "asked to replace its token",
        "logical cores 16",
        "zooboard-runner 0.0.1, wire version 1",
        "tags: none → rack-2",
    ):
        assert part in page


def test_clock_within_half_a_minute_is_no_warning(mine: Client, lab: Agent) -> None:
    now = timezone.now()
    actions.touch_agent(agent=lab, client_time=now + timedelta(seconds=29), at=now)

    assert "Its clock is" not in text(mine.get(f"/agents/{lab.public_id}"))


def failed_attempt(owner: User) -> Attempt:
    attempt = make_leased(owner=owner)
    fail_attempt(
        agent=attempt.agent,
        token=token_of(attempt),
        kind=wire.FailureKind.DEVICE,
        reason="<b>hot</b>",
        at=timezone.now(),
    )
    return attempt


def test_unhealthy_device_says_why_and_its_owner_declares_it_healthy(
    mine: Client, visitor: Client, owner: User
) -> None:
    attempt = failed_attempt(owner)
    address = f"/agents/{attempt.agent.public_id}"
    [form] = [f for f in read_page(mine.get(address)).find("form") if "healthy" in f.attributes["action"]]

    assert "No run until a self-check passes" in text(visitor.get(address))
    assert "<b>hot</b>" in text(visitor.get(address))
    assert "Declare it healthy" not in text(visitor.get(address))
    assert client_of(make_user()).post(form.attributes["action"]).status_code == 403
    assert mine.post(form.attributes["action"]).status_code == 302
    attempt.device.refresh_from_db()
    assert attempt.device.is_healthy


def test_history_is_paged(visitor: Client, owner: User) -> None:
    attempt = failed_attempt(owner)
    for number in range(30):
        Attempt.objects.create(
            run=attempt.run, agent=attempt.agent, device=attempt.device, device_kind=attempt.device_kind,
            request_id=f"r{number}", fence=number + 2,
            state="lost", leased_at=timezone.now(), expires_at=timezone.now(), ended_at=timezone.now(),
        )  # fmt: skip
    address = f"/agents/{attempt.agent.public_id}"

    first, second = read_page(visitor.get(address)), read_page(visitor.get(f"{address}?page=2"))

    assert [len(page.find("tbody")[0].find("tr")) for page in (first, second)] == [20, 11]
    assert first.find("a", rel="next")[0].attributes["href"] == "?page=2"


@pytest.mark.parametrize(("verb", "says"), [("pause", "is paused"), ("drain", "ends when"), ("revoke", "is revoked")])
def test_button_acts_and_says_so(mine: Client, lab: Agent, verb: str, says: str) -> None:
    [form] = read_page(mine.get(f"/agents/{lab.public_id}")).find("form", action=f"/agents/{lab.public_id}/{verb}")

    response = mine.post(form.attributes["action"])

    assert (response.status_code, response["Location"]) == (302, f"/agents/{lab.public_id}")
    assert says in said(mine)[0]


def test_owner_saves_the_settings(mine: Client, lab: Agent) -> None:
    make_user("grace")
    form = {**GOOD, "serves": "named", "served_users": "grace", "accepts_uploads": "on", "trust_tier": "1"}

    mine.post(f"/agents/{lab.public_id}/settings", form)

    lab.refresh_from_db()
    assert (lab.name, lab.tags, lab.serves, lab.accepts_uploads) == ("lab-2", ["rack-2", "quiet"], Serves.NAMED, True)
    assert [user.username for user in lab.served_users.all()] == ["grace"]
    assert lab.trust_tier == TrustTier.UNVETTED


@pytest.mark.parametrize(
    ("change", "says"),
    [({"name": ""}, "required"), ({"serves": "x"}, "valid choice"), ({"served_users": "nobody"}, "no user nobody")],
)
def test_mistake_in_the_settings_is_said(mine: Client, lab: Agent, change: dict[str, str], says: str) -> None:
    mine.post(f"/agents/{lab.public_id}/settings", {**GOOD, **change})

    lab.refresh_from_db()
    assert says in said(mine)[0]
    assert lab.name == "lab-1"


def test_administrator_vets_an_agent(lab: Agent) -> None:
    administrator = client_of(make_user(is_staff=True))
    [field] = read_page(administrator.get(f"/agents/{lab.public_id}")).find("select", name="trust_tier")

    administrator.post(f"/agents/{lab.public_id}/settings", {**GOOD, field.attributes["name"]: "1"})

    lab.refresh_from_db()
    assert lab.trust_tier == TrustTier.VETTED


@pytest.mark.parametrize("post", POSTS)
def test_nobody_else_may_and_the_page_offers_nothing(visitor: Client, lab: Agent, post: str) -> None:
    other, address = client_of(make_user()), f"/agents/{lab.public_id}/{post}"
    before = Agent.objects.values().get()

    answers = [other.post(address, GOOD), visitor.post(address, GOOD), other.get(address)]

    assert [answer.status_code for answer in answers] == [403, 302, 405]
    assert answers[1]["Location"] == f"/login?next={address}"
    assert address not in other.get(f"/agents/{lab.public_id}").content.decode()
    assert Agent.objects.values().get() == before


@pytest.mark.parametrize("post", POSTS)
def test_owner_and_administrator_may(lab: Agent, mine: Client, post: str) -> None:
    for client in (mine, client_of(make_user(is_staff=True))):
        response = client.post(f"/agents/{lab.public_id}/{post}", {**GOOD, "trust_tier": "0"})
        assert response.status_code in (302, 404)
        Agent.objects.filter(status="revoked").update(status="active", revoked_at=None)


def test_deleting_says_what_became_of_it(mine: Client, owner: User, lab: Agent) -> None:
    worked = make_leased(owner=owner).agent

    mine.post(f"/agents/{lab.public_id}/delete")
    gone = said(mine)
    mine.post(f"/agents/{worked.public_id}/delete")

    assert gone == ["lab-1 is deleted."]
    assert "is retired" in said(mine)[0]
    assert worked.name not in text(mine.get("/agents"))
    assert "This agent is retired" in text(mine.get(f"/agents/{worked.public_id}"))


def test_forms_need_the_csrf_token(owner: User, lab: Agent) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    for address in ("/agents/register", f"/agents/{lab.public_id}/revoke"):
        assert client.post(address).status_code == 403


@pytest.mark.parametrize(
    ("address", "status"), [("/agents?page=0", 400), ("/agents?x=1", 400), ("/agents/nobody", 404)]
)
def test_mistake_in_the_address_is_a_page_that_says_so(
    visitor: Client, catalogue: None, address: str, status: int
) -> None:
    assert visitor.get(address).status_code == status
