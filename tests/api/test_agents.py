"""The fleet over REST: what everybody sees, what owners do, and who may not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import create_token
from apps.accounts.models import Scope, User
from apps.fleet.actions import OWNER_ACTIONS, attach_devices, mark_unhealthy, pause_agent
from apps.fleet.api import schema
from apps.fleet.models import Agent, Attachment, EnrolmentCode
from runners import wire
from tests.api.calls import Caller, assert_problem, row_counts
from tests.api.test_leases import lease_request
from tests.factories import device_offer, make_agent, make_user

MAX_LIST_QUERIES = 2

pytestmark = pytest.mark.usefixtures("catalogue")

Call = Callable[[Caller, str], Any]
CALLS: dict[str, Call] = {
    verb: lambda caller, public_id, verb=verb: caller.post(f"agents/{public_id}/{verb}/", b"") for verb in OWNER_ACTIONS
} | {
    "change": lambda caller, public_id: caller.patch(f"agents/{public_id}/", {"name": "renamed"}),
    "delete": lambda caller, public_id: caller.delete(f"agents/{public_id}/"),
}
"""Everything that changes an agent."""


def caller_of(user: User, *scopes: Scope) -> Caller:
    return Caller(create_token(user=user, name="test", scopes=scopes, at=timezone.now()))


def session_of(user: User) -> Caller:
    client = Client()
    client.force_login(user)
    return Caller(client=client)


@pytest.fixture
def lab(catalogue: None) -> Agent:
    return make_agent(name="lab-1", at=timezone.now())[0]


@pytest.fixture
def owner(lab: Agent) -> Caller:
    return caller_of(lab.owner, Scope.AGENTS)


@pytest.fixture
def attached_lab(lab: Agent) -> Attachment:
    offer = device_offer(facts={"serial": "SECRET-1"})
    return attach_devices(agent=lab, offers=[offer], at=timezone.now())[0]


@pytest.mark.parametrize("count", [1, 12])
def test_list_shows_state_and_devices_in_two_queries(
    anonymous: Caller, attached_lab: Attachment, django_assert_num_queries: Any, count: int
) -> None:
    paused = [make_agent(name=f"paused-{number}", at=timezone.now())[0] for number in range(count)]
    for agent in paused:
        pause_agent(agent=agent, by=agent.owner, at=timezone.now())

    with django_assert_num_queries(MAX_LIST_QUERIES):
        response = anonymous.get("agents/")

    rows = schema.AgentPage.model_validate_json(response.content).results
    assert [row.state for row in rows] == ["online", *["paused"] * count]
    assert [device.kind for device in rows[0].devices] == ["example-cpu-9000"]
    assert [engine.name for engine in rows[0].devices[0].engines] == ["onnxruntime", "onnx"]


def test_agent_has_one_id_in_lists_and_addresses_page_after_page(anonymous: Caller) -> None:
    agents = [make_agent(at=timezone.now())[0] for _ in range(3)]

    pages = [anonymous.get("agents/?limit=2").json()]
    pages.append(anonymous.client.get(pages[0]["next"]).json())

    rows = [row for page in pages for row in page["results"]]
    assert [row["id"] for row in rows] == [agent.public_id for agent in agents]
    assert "public_id" not in rows[0]
    assert anonymous.get(f"agents/{rows[0]['id']}/").json()["id"] == rows[0]["id"]


def test_visitor_sees_nothing_that_identifies_a_machine_or_its_owner(
    anonymous: Caller, lab: Agent, attached_lab: Attachment
) -> None:
    User.objects.filter(pk=lab.owner_id).update(email="ada@example.org")

    answers = [anonymous.get("agents/"), anonymous.get(f"agents/{lab.public_id}/")]

    text = "".join(answer.content.decode() for answer in answers)
    assert schema.OneAgent.model_validate_json(answers[1].content).private is None
    for secret in ("SECRET-1", attached_lab.device.fingerprint, lab.owner.username, "ada@example.org", lab.digest):
        assert secret not in text


def test_owner_sees_facts_clock_and_named_users(owner: Caller, lab: Agent, attached_lab: Attachment) -> None:
    answer = schema.OneAgent.model_validate_json(owner.get(f"agents/{lab.public_id}/").content)

    assert answer.private is not None
    assert answer.private.owner == lab.owner.username
    assert answer.private.devices[0].facts == {"serial": "SECRET-1"}


@pytest.mark.parametrize(("scope", "sees"), [(Scope.AGENTS, False), (Scope.ADMIN, True)])
def test_token_of_an_administrator_needs_the_scope_to_see_others_agents(lab: Agent, scope: Scope, sees: bool) -> None:
    answer = caller_of(make_user(is_staff=True), scope).get(f"agents/{lab.public_id}/").json()

    assert (answer["private"] is not None) == sees


def test_unhealthy_device_says_why(anonymous: Caller, lab: Agent, attached_lab: Attachment) -> None:
    mark_unhealthy(
        device_id=attached_lab.device_id,
        agent_id=attached_lab.agent_id,
        attempt_id=7,
        reason="unplugged",
        at=timezone.now(),
    )

    [device] = anonymous.get(f"agents/{lab.public_id}/").json()["devices"]

    assert device["unhealthy_reason"] == "unplugged"
    assert device["unhealthy_since"]


def test_unknown_agent_is_a_404(anonymous: Caller) -> None:
    assert_problem(anonymous.get("agents/nobody/"), 404, "not-found")


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_owner_may(owner: Caller, lab: Agent, call: Call) -> None:
    assert call(owner, lab.public_id).status_code in (200, 204)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_owner_with_a_browsers_session_may(lab: Agent, call: Call) -> None:
    assert call(session_of(lab.owner), lab.public_id).status_code in (200, 204)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_administrator_may_with_the_scopes_for_it(lab: Agent, call: Call) -> None:
    administrator = make_user(is_staff=True)

    refused = call(caller_of(administrator, Scope.AGENTS), lab.public_id)
    allowed = call(caller_of(administrator, Scope.AGENTS, Scope.ADMIN), lab.public_id)

    assert_problem(refused, 403, "not-your-agent")
    assert allowed.status_code in (200, 204)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_nobody_else_may_and_nothing_changes(anonymous: Caller, lab: Agent, call: Call) -> None:
    other, reader = caller_of(make_user(), Scope.AGENTS), caller_of(lab.owner, Scope.DISPATCH, Scope.READ)
    before, counts = Agent.objects.values().get(), row_counts()

    assert_problem(call(other, lab.public_id), 403, "not-your-agent")
    assert_problem(call(anonymous, lab.public_id), 401, "not-authenticated")
    assert "`agents`" in assert_problem(call(reader, lab.public_id), 403, "permission-denied").detail

    assert Agent.objects.values().get() == before
    assert row_counts() == counts


def test_actions_show_what_became_of_the_agent(owner: Caller, lab: Agent) -> None:
    states = [
        owner.post(f"agents/{lab.public_id}/{verb}/", b"").json()["state"] for verb in ("pause", "drain", "resume")
    ]

    assert states == ["paused", "draining", "online"]


def test_revoked_agent_is_a_409(owner: Caller, lab: Agent) -> None:
    owner.post(f"agents/{lab.public_id}/revoke/", b"")

    assert_problem(owner.post(f"agents/{lab.public_id}/pause/", b""), 409, "agent-revoked")


def test_patch_sets_what_is_named(owner: Caller, lab: Agent) -> None:
    make_user("grace")
    change = {"tags": ["rack-2"], "serves": "named", "served_users": ["grace"], "accepts_uploads": True}

    answer = schema.OneAgent.model_validate_json(owner.patch(f"agents/{lab.public_id}/", change).content)

    assert answer.private is not None
    assert (answer.name, answer.tags, answer.serves, answer.accepts_uploads) == ("lab-1", ["rack-2"], "named", True)
    assert answer.private.served_users == ["grace"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "a/b"}, "name"),
        ({"tags": ["Two words"]}, "tags"),
        ({"serves": "strangers"}, "serves"),
        ({"served_users": ["nobody"]}, "served_users"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_mistake_is_a_422_that_names_the_field(owner: Caller, lab: Agent, change: dict[str, Any], field: str) -> None:
    problem = assert_problem(owner.patch(f"agents/{lab.public_id}/", change), 422, "invalid-input")

    assert [error.field for error in problem.errors] == [field]


def test_trust_is_set_by_administrators_only(owner: Caller, lab: Agent) -> None:
    administrator = caller_of(make_user(is_staff=True), Scope.AGENTS, Scope.ADMIN)
    change = {"trust_tier": 1}

    assert_problem(owner.patch(f"agents/{lab.public_id}/", change), 403, "not-allowed")
    assert administrator.patch(f"agents/{lab.public_id}/", change).json()["trust_tier"] == 1


def test_code_of_an_owner_enrols_an_agent(anonymous: Caller) -> None:
    user = make_user()

    answer = schema.NewCode.model_validate_json(caller_of(user, Scope.AGENTS).post("agents/codes/", b"").content)
    request = wire.EnrolRequest(code=answer.code, name="bench-1", runner_version="1.0")
    enrolled = anonymous.post("agent/enroll", request)

    assert answer.command == f"zooboard-runner enroll http://127.0.0.1:8000 {answer.code}"
    assert enrolled.status_code == 201
    assert Agent.objects.get().owner == user


def test_codes_are_for_accounts_with_the_scope(anonymous: Caller) -> None:
    assert_problem(anonymous.post("agents/codes/", b""), 401, "not-authenticated")
    assert_problem(caller_of(make_user(), Scope.DISPATCH).post("agents/codes/", b""), 403, "permission-denied")

    assert not EnrolmentCode.objects.exists()


def test_agent_learns_at_its_next_contact_what_its_owner_wants(owner: Caller) -> None:
    agent, token = make_agent(at=timezone.now())
    for verb in ("drain", "rotate"):
        caller_of(agent.owner, Scope.AGENTS).post(f"agents/{agent.public_id}/{verb}/", b"")
    message = wire.HeartbeatRequest(client_time=timezone.now())

    told = wire.HeartbeatAnswer.model_validate_json(Caller(token).post("agent/heartbeat", message).content)
    fresh = wire.RotateAnswer.model_validate_json(Caller(token).post("agent/rotate", b"").content)
    after = wire.HeartbeatAnswer.model_validate_json(Caller(fresh.token).post("agent/heartbeat", message).content)

    assert (told.settings.is_draining, told.settings.should_rotate) == (True, True)
    assert (after.settings.is_draining, after.settings.should_rotate) == (True, False)


def test_lease_request_notes_the_release_of_an_agent_that_was_upgraded() -> None:
    agent, token = make_agent()

    Caller(token).post("agent/lease", lease_request(runner_version="7.1", wire_version=wire.WIRE_VERSION - 1))

    agent.refresh_from_db()
    assert (agent.runner_version, agent.wire_version) == ("7.1", wire.WIRE_VERSION - 1)


def test_retired_agent_is_not_listed(owner: Caller, anonymous: Caller, attached_lab: Attachment, lab: Agent) -> None:
    Agent.objects.update(status="revoked", revoked_at=timezone.now(), retired_at=timezone.now())

    assert anonymous.get("agents/").json()["results"] == []
    assert anonymous.get(f"agents/{lab.public_id}/").json()["state"] == "revoked"
