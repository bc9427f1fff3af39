"""Every reason for which a run cannot be executed, read where people and programs look for it: pages and API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.models import User
from apps.catalog.models import Artifact
from apps.core.errors import InvalidInput
from apps.fleet.actions import delete_agent, revoke_agent
from apps.fleet.models import AgentStatus, Device
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import Run
from tests.accuracies import ACCURACY, trained_artifact
from tests.board.pages import read_page
from tests.factories import MODEL, NOW, attach, device_offer, make_agent, make_runs
from tests.runs.phones import PHONE, phone_offer

INT8_MODEL = "MobileNetV3_large_x1_0_ssld_int8"
AWAY_S = settings.AGENT_ONLINE_S + 1

pytestmark = pytest.mark.usefixtures("published")


def ask(user: User, **wanted: Any) -> Run:
    return make_runs(requested_by=user, **wanted)[0]


def without_artifact(user: User) -> Run:
    return ask(user, models=[INT8_MODEL])


def without_trained_weights(user: User) -> Run:
    return ask(user, protocols=[ACCURACY])


def without_agent(user: User) -> Run:
    return ask(user)


def of_revoked_agent(user: User) -> Run:
    agent, _ = make_agent(owner=user, name="bench-1")
    attach(agent)
    revoke_agent(agent=agent, by=user, at=NOW)
    return ask(user)


def of_gone_device(user: User) -> Run:
    agent, _ = make_agent(owner=user)
    attach(agent)
    delete_agent(agent=agent, by=user, at=NOW)
    return ask(user)


def of_other_engine(user: User) -> Run:
    attach(make_agent(owner=user, name="bench-1")[0], device_offer(engines=["ncnn"]))
    return ask(user)


def of_simulator_of_the_phone(user: User) -> Run:
    attach(make_agent(owner=user, name="lab-1")[0], phone_offer("ncnn", is_simulated=True))
    return ask(user, protocols=[PHONE], engine="ncnn")


def of_refused_device(user: User) -> Run:
    agent, _ = make_agent(owner=user, name="bench-1")
    with pytest.raises(InvalidInput):
        attach(agent, device_offer(kind_name="?"))
    return ask(user)


def of_agent_without_device(user: User) -> Run:
    make_agent(owner=user, name="bench-1")
    return ask(user)


def without_images(user: User) -> Run:
    attach(make_agent(owner=user)[0])
    trained_artifact()
    return ask(user, protocols=[ACCURACY], dataset="sample10")


def of_simulated_device(user: User) -> Run:
    attach(make_agent(owner=user)[0], device_offer(is_simulated=True))
    return ask(user)


def of_foreign_agent(user: User) -> Run:
    attach(make_agent()[0])
    return ask(user)


def of_upload(user: User) -> Run:
    attach(make_agent(owner=user, name="bench-1")[0])
    run = ask(user)
    Artifact.objects.filter(runs=run).update(is_uploaded=True)
    return run


def of_unhealthy_device(user: User) -> Run:
    agent, _ = make_agent(owner=user, name="lab-1")
    attach(agent)
    Device.objects.filter(attachments__agent=agent).update(
        unhealthy_since=NOW, unhealthy_with=agent, unhealthy_reason="unplugged", unhealthy_after_attempt_id=1
    )
    return ask(user)


def of_paused_agent(user: User) -> Run:
    attach(make_agent(owner=user, name="bench-1", status=AgentStatus.PAUSED)[0])
    return ask(user)


def of_draining_agent(user: User) -> Run:
    attach(make_agent(owner=user, name="bench-1", status=AgentStatus.DRAINING)[0])
    return ask(user)


def of_agent_that_is_away(user: User) -> Run:
    attach(make_agent(owner=user, name="bench-1")[0], at=NOW - timedelta(seconds=AWAY_S))
    return ask(user)


REASONS: list[tuple[Callable[[User], Run], float, str]] = [
    (without_artifact, 0, f"no int8 onnx artifact of {INT8_MODEL}"),
    (without_trained_weights, 0, f"no artifact of {MODEL} with trained weights: fetch or import them"),
    (without_agent, 0, "no agent is registered"),
    (of_revoked_agent, 0, "no agent is registered; bench-1, which offered it, was revoked"),
    (of_gone_device, 0, "connect it to its agent again, or enrol an agent for it"),
    (of_other_engine, 0, "no registered agent offers onnxruntime on a cpu; agent bench-1 offers"),
    (of_simulator_of_the_phone, 0, "lab-1 only simulates one: a run for simulated:snapdragon-855 would do"),
    (of_refused_device, 0, "the ? of agent bench-1 is refused: "),
    (of_agent_without_device, 0, "agent bench-1 has offered no device"),
    (without_images, 0, "no agent offers a dataset sample10 of task imagenet1k; none is offered"),
    (of_simulated_device, 0, "only simulated devices offer onnxruntime on a cpu, and this run wants a real one"),
    (of_foreign_agent, 0, "the agents that offer onnxruntime on a cpu serve other owners only"),
    (of_upload, 0, "bench-1 takes catalogue artifacts only, and this one is an upload"),
    (of_unhealthy_device, 0, "the Example CPU 9000 of agent lab-1 is unhealthy since 2026-03-01 12:00 UTC: unplugged"),
    (of_paused_agent, 0, "bench-1 is paused"),
    (of_draining_agent, 0, "bench-1 is draining"),
    (of_agent_that_is_away, AWAY_S, "bench-1 was last seen 2026-03-01 12:00 UTC"),
]


@pytest.mark.parametrize(("arrange", "after_s", "says"), REASONS, ids=[arrange.__name__ for arrange, *_ in REASONS])
def test_run_that_cannot_be_executed_says_what_is_missing_on_every_page_and_in_the_api(
    visitor: Client, user: User, arrange: Callable[[User], Run], after_s: float, says: str
) -> None:
    run = arrange(user)
    refresh_queue(at=NOW + timedelta(seconds=after_s))

    pages = [read_page(visitor.get(path)).find("main")[0].text for path in ("/runs", f"/runs/{run.pk}")]
    campaign = read_page(visitor.get(f"/campaigns/{run.campaign_id}")).find("div", id="blockages")[0].text
    one = visitor.get(f"/api/v1/runs/{run.pk}/").json()
    [listed] = visitor.get("/api/v1/runs/").json()["results"]
    [grouped] = visitor.get(f"/api/v1/campaigns/{run.campaign_id}/").json()["blocked_by"]

    reason = one["blocked_by"]
    assert says in reason
    assert [f"Waits: {reason}" in page for page in pages] == [True, True]
    assert (one["state"], one["turn"], listed["blocked_by"]) == ("queued", "", reason)
    # Runs of many models wait for one thing: the models stand beside the reason.
    assert grouped["reason"] == reason.replace(f" of {run.network.name}", "")
    assert grouped["reason"] in campaign
    assert grouped["models"] == ([run.network.name] if run.network.name in reason else [])
