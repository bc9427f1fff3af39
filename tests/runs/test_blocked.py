"""Every reason for which a queued run waits, as the queue shows it."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from apps.accounts.models import User
from apps.catalog.actions import store_artifact
from apps.catalog.models import Artifact, Network
from apps.core.errors import InvalidInput
from apps.fleet.actions import delete_agent, offer_datasets, revoke_agent, touch_agent
from apps.fleet.models import AgentStatus, Device, Serves
from apps.runs.actions.outcomes import release_attempt
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import Run
from apps.runs.waiting import turn_text
from tests.accuracies import ACCURACY, SUBSET, offering_agent, standard_dataset, trained_artifact
from tests.factories import (
    MODEL,
    NOW,
    OTHER_MODEL,
    attach,
    device_offer,
    lease,
    make_agent,
    make_runs,
    make_user,
    token_of,
)
from tests.runs.phones import PHONE, phone_offer

MAX_REFRESH_QUERIES = 13
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


def test_revoked_agent_is_nobody_and_is_named(user: User) -> None:
    agent, _ = make_agent(owner=user, name="bench-1")
    attach(agent)
    revoke_agent(agent=agent, by=user, at=NOW)
    [run] = make_runs(requested_by=user)

    assert _reason(run) == "no agent is registered; bench-1, which offered it, was revoked"


def test_agent_that_was_deleted_is_named_while_its_attempts_keep_it(user: User) -> None:
    agent, _ = make_agent(owner=user, name="bench-1")
    attachments = attach(agent)
    [run] = make_runs(requested_by=user)
    attempt = lease(agent, attachments)
    release_attempt(agent=agent, token=token_of(attempt), reason="stopped", at=NOW)
    delete_agent(agent=agent, by=user, at=NOW)

    assert _reason(run) == "no agent is registered; bench-1, which offered it, was deleted"


def test_device_of_an_agent_that_is_gone_wants_another_agent(user: User) -> None:
    agent, _ = make_agent(owner=user)
    attach(agent)
    delete_agent(agent=agent, by=user, at=NOW)
    [run] = make_runs(requested_by=user)

    assert _reason(run) == (
        f"no agent is registered; one was last offered {NOW:%Y-%m-%d %H:%M} UTC: "
        "connect it to its agent again, or enrol an agent for it"
    )


def test_agent_that_has_offered_no_device_yet_is_named(user: User) -> None:
    make_agent(owner=user, name="bench-1")
    make_agent(name="foreign-1")
    [run] = make_runs(requested_by=user)

    assert _reason(run) == (
        "no registered agent offers onnxruntime on a cpu; "
        "agent bench-1 has offered no device: start it there with `zooboard-runner start`"
    )


def test_agent_that_never_started_is_not_named_beside_devices_that_are_known(user: User) -> None:
    attach(make_agent(owner=user, name="bench-1")[0])
    make_agent(owner=user, name="bench-2")
    [run] = make_runs(requested_by=user, protocols=[PHONE], engine="ncnn")

    assert _reason(run) == "no registered agent offers ncnn on Snapdragon 855"


def test_run_waits_for_a_device_that_its_agent_offers_no_more(user: User) -> None:
    agent, _ = make_agent(owner=user, name="lab-1")
    attach(agent, phone_offer("ncnn"))
    [run] = make_runs(requested_by=user, protocols=[PHONE], engine="ncnn")
    away = timedelta(seconds=settings.AGENT_ONLINE_S + 1)
    touch_agent(agent=agent, client_time=NOW + away, at=NOW + away)

    assert _reason(run, after=away) == (
        "agent lab-1 is there, but last offered its Snapdragon 855 2026-03-01 12:00 UTC: connect it there again"
    )


def test_device_of_an_agent_that_executes_a_run_is_not_missed(user: User) -> None:
    agent, _ = make_agent(owner=user)
    attachments = attach(agent)
    first, second = make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    attempt = lease(agent, attachments)
    away = timedelta(seconds=settings.AGENT_ONLINE_S + 1)
    touch_agent(agent=agent, client_time=NOW + away, at=NOW + away)
    waiting = second if attempt.run == first else first

    meanwhile = _reason(waiting, after=away)
    text = turn_text(waiting, at=NOW + away)
    release_attempt(agent=agent, token=token_of(attempt), reason="stopped", at=NOW + away)

    assert (meanwhile, _reason(waiting, after=away)) == ("", "")
    assert f"the Example CPU 9000 of {agent.name} is busy with run {attempt.run_id}" in text


def test_run_whose_agent_is_busy_with_another_device_says_so(user: User) -> None:
    agent, _ = make_agent(owner=user, name="lab-1")
    attachments = attach(agent, device_offer(), phone_offer("ncnn"))
    make_runs(requested_by=user)
    attempt = lease(agent, attachments)
    [run] = make_runs(requested_by=user, protocols=[PHONE], engine="ncnn")

    text = turn_text(run, at=NOW)

    assert text == f"it is the next one; the Example CPU 9000 of lab-1 is busy with run {attempt.run_id}"


def test_agent_whose_last_device_is_refused_says_why(user: User) -> None:
    agent, _ = make_agent(owner=user, name="bench-1")
    attach(agent)
    with pytest.raises(InvalidInput):
        attach(agent, device_offer(kind_name="?"))
    [run] = make_runs(requested_by=user)

    reason = _reason(run)

    assert reason.startswith("no registered agent offers onnxruntime on a cpu; the ? of agent bench-1 is refused: ")
    assert "no letter or digit" in reason


def test_phone_that_is_refused_beside_a_good_device_is_named(user: User) -> None:
    agent, _ = make_agent(owner=user, name="lab-1")
    attach(agent, device_offer(), device_offer(kind_name="Snapdragon 855", category="phone", engines=["ncnn"]))
    [run] = make_runs(requested_by=user, protocols=[PHONE], engine="ncnn")

    assert "; the Snapdragon 855 of agent lab-1 is refused: This phone is offered as Snapdragon 855" in _reason(run)


def test_run_waits_for_its_engine(user: User) -> None:
    attach(make_agent(owner=user, name="bench-1")[0], device_offer(engines=["onnx", "ncnn"]))
    [run] = make_runs(requested_by=user)

    expected = "no registered agent offers onnxruntime on a cpu; agent bench-1 offers Example CPU 9000 with onnx, ncnn"
    assert _reason(run) == expected


def test_run_waits_for_its_device_kind(user: User) -> None:
    agent, _ = make_agent(owner=user, name="bench-1")
    attach(agent, device_offer(kind_name="CPU A"), device_offer(kind_name="CPU B", engines=["x"]))
    [run] = make_runs(requested_by=user, device_kind="cpu-b")

    assert _reason(run) == "no registered agent offers onnxruntime on CPU B; agent bench-1 offers CPU B with x"


def test_run_of_a_phone_names_the_phone_that_lacks_its_engine(user: User) -> None:
    attach(make_agent(owner=user, name="lab-1")[0], phone_offer("onnxruntime"))
    [run] = make_runs(requested_by=user, protocols=[PHONE], engine="ncnn")

    expected = "no registered agent offers ncnn on Snapdragon 855; agent lab-1 offers Snapdragon 855 with onnxruntime"
    assert _reason(run) == expected


def test_run_of_a_phone_names_the_simulator_that_would_do(user: User) -> None:
    attach(make_agent(owner=user, name="lab-1")[0], phone_offer("ncnn", is_simulated=True))
    [run] = make_runs(requested_by=user, protocols=[PHONE], engine="ncnn")

    assert _reason(run) == (
        "no registered agent offers ncnn on Snapdragon 855; "
        "lab-1 only simulates one: a run for simulated:snapdragon-855 would do"
    )


def test_run_that_asks_for_the_simulated_phone_waits_for_nothing(user: User) -> None:
    attach(make_agent(owner=user)[0], phone_offer("ncnn", is_simulated=True))
    [run] = make_runs(requested_by=user, protocols=[PHONE], engine="ncnn", device_kind="simulated:snapdragon-855")

    assert _reason(run) == ""


@pytest.mark.parametrize(
    ("engine", "expected"),
    [("paddle-lite", f"no paddle-lite artifact of {MODEL}"), ("tflite", f"no tflite artifact of {MODEL}")],
)
def test_run_whose_engine_wants_a_file_of_its_own_says_which(user: User, engine: str, expected: str) -> None:
    attach(make_agent(owner=user)[0], phone_offer(engine))
    [run] = make_runs(requested_by=user, protocols=[PHONE], engine=engine)

    assert _reason(run) == expected


def test_run_waits_for_a_device_that_failed(user: User) -> None:
    agent, _ = make_agent(owner=user, name="lab-1")
    attach(agent, phone_offer("ncnn"))
    Device.objects.update(
        unhealthy_since=NOW, unhealthy_with=agent, unhealthy_reason="unplugged", unhealthy_after_attempt_id=1
    )
    [run] = make_runs(requested_by=user, protocols=[PHONE], engine="ncnn")

    since = f"{NOW:%Y-%m-%d %H:%M} UTC"
    assert _reason(run) == f"the Snapdragon 855 of agent lab-1 is unhealthy since {since}: unplugged"


def test_one_reason_is_found_once_for_all_runs_that_wait_for_the_same(
    user: User, django_assert_max_num_queries: Any
) -> None:
    names = list(Network.objects.filter(precision="fp32", task="imagenet1k").values_list("name", flat=True))
    runs = make_runs(requested_by=user, models=names)
    Run.objects.update(blocked_by="")

    with django_assert_max_num_queries(MAX_REFRESH_QUERIES):
        refresh_queue(at=NOW)

    assert len(runs) > MAX_REFRESH_QUERIES
    assert set(Run.objects.values_list("blocked_by", flat=True)) == {"no agent is registered"}


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

    assert _reason(run) == "bench-0, bench-1, bench-2 and 2 more are paused"


def test_run_waits_for_an_agent_that_drains(user: User) -> None:
    attach(make_agent(owner=user, name="bench-1", status=AgentStatus.DRAINING)[0])
    [run] = make_runs(requested_by=user)

    assert _reason(run) == "bench-1 is draining"


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

    assert _reason(run).startswith("no registered agent offers onnxruntime on a cpu; ")


def _accuracy_run(user: User, dataset: str = "") -> Run:
    trained_artifact()
    return make_runs(requested_by=user, protocols=[ACCURACY], dataset=dataset)[0]


def test_accuracy_of_random_weights_says_how_to_get_trained_ones(user: User) -> None:
    attach(make_agent(owner=user)[0])
    [run] = make_runs(requested_by=user, protocols=[ACCURACY])

    expected = (
        f"no artifact of {MODEL} with trained weights: fetch or import them, see docs/how-to/weights.md; random ones"
    )
    assert _reason(run).startswith(expected)


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


def test_phone_that_its_agent_offers_no_more_is_said_to_be_known(user: User) -> None:
    agent, _ = make_agent(owner=user)
    attach(agent, phone_offer("ncnn"))
    attach(agent, device_offer())
    [run] = make_runs(requested_by=user, protocols=["sd855-bs1-t1"], engine="ncnn")

    reason = _reason(run)

    assert reason.startswith("no registered agent offers ncnn on ")
    assert f"one was last offered {NOW:%Y-%m-%d %H:%M} UTC: connect it to its agent again" in reason
