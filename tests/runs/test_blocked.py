"""Every reason for which a queued run waits, as the queue shows it."""

from datetime import timedelta

import pytest
from django.conf import settings

from apps.accounts.models import User
from apps.catalog.actions import store_artifact
from apps.catalog.models import Artifact, Network
from apps.fleet.actions import offer_datasets, revoke_agent
from apps.fleet.models import AgentStatus, Serves
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import Run
from tests.accuracies import ACCURACY, SUBSET, offering_agent, standard_dataset, trained_artifact
from tests.factories import MODEL, NOW, attach, device_offer, lease, make_agent, make_runs, make_user

INT8_MODEL = "MobileNetV3_large_x1_0_ssld_int8"

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


def _accuracy_run(user: User, dataset: str = "") -> Run:
    trained_artifact()
    return make_runs(requested_by=user, protocols=[ACCURACY], dataset=dataset)[0]


def test_accuracy_of_random_weights_says_how_to_get_trained_ones(user: User) -> None:
    attach(make_agent(owner=user)[0])
    [run] = make_runs(requested_by=user, protocols=[ACCURACY])

    expected = f"no artifact of {MODEL} with trained weights: fetch or import them, see docs/how-to/weights.md"
    assert _reason(run) == expected


def test_accuracy_names_what_is_offered_instead_of_the_standard_dataset(user: User) -> None:
    standard_dataset()
    agent, _ = make_agent(owner=user, name="bench-1")
    offer_datasets(agent=agent, datasets=[SUBSET, SUBSET.model_copy(update={"name": "angles", "task": "text-angle"})])
    attach(agent, device_offer(), device_offer())

    reason = _reason(_accuracy_run(user))

    assert reason == (
        "no agent offers the full ImageNet-1k validation set; offered: sample10 (10 images) of agent bench-1"
    )


def test_accuracy_without_any_images_says_how_to_register_some(user: User) -> None:
    attach(make_agent(owner=user)[0])

    reason = _reason(_accuracy_run(user, "sample10"))

    assert reason.startswith("no agent offers a dataset sample10 of task imagenet1k; none is offered")
    assert "zooboard-runner dataset add" in reason


def test_accuracy_waits_for_nothing_where_its_images_are(user: User) -> None:
    whole = standard_dataset()
    agent, _ = make_agent(owner=user)
    offer_datasets(agent=agent, datasets=[whole, SUBSET])
    attach(agent)

    assert _reason(_accuracy_run(user)) == ""
    assert _reason(_accuracy_run(user, "sample10")) == ""


def test_run_without_an_artifact_gets_one_as_soon_as_it_arrives(user: User) -> None:
    attach(make_agent(owner=user)[0])
    [run] = make_runs(requested_by=user, models=[INT8_MODEL])
    before = _reason(run)
    network = Network.objects.get(name=INT8_MODEL)
    artifact = store_artifact(
        architecture=network.architecture,
        network=None,
        format="onnx",
        precision="int8",
        weights="random (seed 0), int8",
        files={"model.onnx": b"int8"},
        is_uploaded=False,
        at=NOW + timedelta(minutes=5),
    )

    after = _reason(run)

    assert (before, after) == (f"no int8 onnx artifact of {INT8_MODEL}", "")
    assert run.artifact == artifact


def test_artifact_of_other_weights_does_not_end_the_wait_of_an_accuracy(user: User) -> None:
    agent, _ = offering_agent(standard_dataset())
    [run] = make_runs(requested_by=agent.owner, protocols=[ACCURACY])
    trained_artifact(preparation=None)

    assert "trained weights" in _reason(run)
    assert run.artifact is None


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
