"""Every reason for which a queued run waits, as the queue shows it."""

from datetime import timedelta

import pytest
from django.conf import settings

from apps.accounts.models import User
from apps.catalog.models import Artifact
from apps.fleet.actions import revoke_agent
from apps.fleet.models import AgentStatus, Serves
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import Run
from tests.factories import NOW, attach, device_offer, lease, make_agent, make_runs, make_user

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def user(catalogue: None) -> User:
    return make_user()


def _reason(run: Run, *, after: timedelta = timedelta(0)) -> str:
    refresh_queue(at=NOW + after)
    run.refresh_from_db()
    return run.blocked_by


def test_run_without_an_artifact_says_which_is_missing(user: User) -> None:
    attach(make_agent(owner=user)[0])

    [run] = make_runs(requested_by=user, models=["MobileNetV3_large_x1_0_ssld_int8"])

    assert _reason(run) == "no int8 onnx artifact of MobileNetV3_large_x1_0_ssld_int8"


def test_run_waits_for_an_agent(user: User) -> None:
    [run] = make_runs(requested_by=user)

    assert _reason(run) == "no agent is registered"


def test_revoked_agent_is_nobody(user: User) -> None:
    agent, _ = make_agent(owner=user)
    attach(agent)
    revoke_agent(agent=agent, by=user, at=NOW)
    [run] = make_runs(requested_by=user)

    assert _reason(run) == "no agent is registered"


def test_run_waits_for_its_engine(user: User) -> None:
    attach(make_agent(owner=user)[0], device_offer(engines=["onnx"]))
    [run] = make_runs(requested_by=user)

    assert _reason(run) == "no registered agent offers onnxruntime on a cpu"


def test_run_waits_for_its_device_kind(user: User) -> None:
    attach(make_agent(owner=user)[0], device_offer(kind_name="CPU A"), device_offer(kind_name="CPU B", engines=["x"]))
    [run] = make_runs(requested_by=user, device_kind="cpu-b")

    assert _reason(run) == "no registered agent offers onnxruntime on CPU B"


def test_run_waits_for_a_device_of_the_protocols_category(user: User) -> None:
    phone = device_offer(kind_name="Snapdragon 855", category="phone", is_simulated=True)
    attach(make_agent(owner=user)[0], phone)
    [run] = make_runs(requested_by=user)

    assert _reason(run) == "no registered agent offers onnxruntime on a cpu"


def test_run_of_the_stub_engine_waits_for_a_simulated_device(user: User) -> None:
    attach(make_agent(owner=user)[0], device_offer(engines=["stub"]))
    [run] = make_runs(requested_by=user, engine="stub")

    assert _reason(run) == "no registered agent offers stub on a cpu"


def test_run_waits_for_a_real_device(user: User) -> None:
    attach(make_agent(owner=user)[0], device_offer(is_simulated=True))
    [run] = make_runs(requested_by=user)

    assert _reason(run) == "only simulated devices offer onnxruntime on a cpu, and this run wants a real one"


def test_run_for_a_simulated_kind_does_not_wait_for_a_real_device(user: User) -> None:
    attach(make_agent(owner=user)[0], device_offer(is_simulated=True))
    [run] = make_runs(requested_by=user, device_kind="simulated:example-cpu-9000")

    assert _reason(run) == ""


def test_run_waits_for_an_agent_that_serves_its_owner(user: User) -> None:
    attach(make_agent()[0])
    [run] = make_runs(requested_by=user)

    assert _reason(run) == "the agents that offer onnxruntime on a cpu serve other owners only"


def test_run_of_an_upload_waits_for_an_agent_that_takes_uploads(user: User) -> None:
    attach(make_agent(owner=user, name="bench-1")[0])
    [run] = make_runs(requested_by=user)
    Artifact.objects.filter(runs=run).update(is_uploaded=True)

    assert _reason(run) == "bench-1 takes catalogue artifacts only, and this one is an upload"


def test_run_waits_for_a_paused_agent(user: User) -> None:
    attach(make_agent(owner=user, name="bench-1", status=AgentStatus.PAUSED)[0])
    [run] = make_runs(requested_by=user)

    assert _reason(run) == "bench-1 is paused"


def test_many_agents_are_not_all_named(user: User) -> None:
    for number in range(5):
        attach(make_agent(owner=user, name=f"bench-{number}", status=AgentStatus.PAUSED)[0])
    [run] = make_runs(requested_by=user)

    assert _reason(run) == "bench-0, bench-1, bench-2 and 2 more is paused"


def test_run_waits_for_an_agent_that_is_away(user: User) -> None:
    attach(make_agent(owner=user, name="bench-1")[0])
    [run] = make_runs(requested_by=user)

    reason = _reason(run, after=timedelta(seconds=settings.AGENT_ONLINE_S + 1))

    assert reason == "bench-1 was last seen 2026-03-01 12:00 UTC"


def test_run_of_an_engine_that_the_agent_no_longer_offers_waits_for_it(user: User) -> None:
    agent, _ = make_agent(owner=user)
    attach(agent)
    attach(agent, device_offer(engines=["onnx"]))
    [run] = make_runs(requested_by=user)

    assert _reason(run) == "no registered agent offers onnxruntime on a cpu"


def test_run_that_only_waits_for_its_turn_has_no_reason(user: User) -> None:
    attach(make_agent(serves=Serves.EVERYONE)[0])
    [run] = make_runs(requested_by=user)

    assert _reason(run) == ""


def test_reason_goes_away_with_its_cause(user: User) -> None:
    [run] = make_runs(requested_by=user)
    before = _reason(run)
    agent, _ = make_agent(owner=user)
    attachments = attach(agent)

    after = _reason(run)
    leased = lease(agent, attachments)

    assert (before, after, leased.run.blocked_by) == ("no agent is registered", "", "")
