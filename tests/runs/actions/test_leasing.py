import hashlib
from datetime import timedelta

import pytest
from django.conf import settings

from apps.accounts.models import User
from apps.catalog.models import Artifact, Network
from apps.fleet.actions import offer_datasets, touch_agent
from apps.fleet.models import Agent, AgentStatus, Serves
from apps.runs.actions.leases import LeaseOver, lease_run
from apps.runs.actions.outcomes import release_attempt
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import Attempt, Run
from runners import wire
from tests.accuracies import (
    ACCURACY,
    SUBSET,
    leased_accuracy,
    offering_agent,
    standard_dataset,
    trained_artifact,
)
from tests.factories import (
    COMPLEXITY,
    LATENCY,
    MODEL,
    NOW,
    OTHER_MODEL,
    attach,
    device_offer,
    lease,
    make_agent,
    make_runs,
    make_user,
    request_id,
    token_of,
)
from tests.runs.phones import PHONE, phone_offer

WHOLE = SUBSET.model_copy(update={"name": "all-of-it", "sha256": hashlib.sha256(b"standard").hexdigest()})

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def user(catalogue: None) -> User:
    return make_user()


def _lease_all(agent: Agent, count: int) -> list[Run]:
    """What `count` devices of one agent get, one after the other."""
    attachments = attach(agent, *[device_offer() for _ in range(count)])
    return [lease(agent, [attachment]).run for attachment in attachments]


def _is_given_nothing(agent: Agent) -> bool:
    return lease_run(agent=agent, attachments=attach(agent), request_id=request_id(), at=NOW) is None


def test_lease_makes_the_run_active_under_a_new_fence(user: User) -> None:
    [run] = make_runs(requested_by=user)
    agent, _ = make_agent(owner=user)

    attempt = lease(agent, attach(agent))

    run.refresh_from_db()
    assert (run.state, run.fence) == ("active", 1)
    assert (attempt.run, attempt.fence, attempt.state, attempt.engine_release) == (run, 1, "leased", "1.2.3")
    assert attempt.expires_at == NOW + timedelta(seconds=settings.LEASE_S)


def test_lease_notes_how_far_the_agents_clock_was_off_by_its_request(user: User) -> None:
    make_runs(requested_by=user)
    agent, _ = make_agent(owner=user)
    touch_agent(agent=agent, client_time=NOW + timedelta(seconds=90), at=NOW)

    attempt = lease(agent, attach(agent))

    touch_agent(agent=agent, client_time=NOW, at=NOW)
    attempt.refresh_from_db()
    assert (attempt.clock_skew_s, attempt.agent.clock_skew_s) == (90, 0)


def test_lease_gives_nothing_when_nothing_is_queued(user: User) -> None:
    assert _is_given_nothing(make_agent(owner=user)[0])


def test_runs_of_one_owner_come_first_in_first_out(user: User) -> None:
    later = make_runs(requested_by=user, at=NOW + timedelta(hours=1))
    earlier = make_runs(requested_by=user, models=[OTHER_MODEL, MODEL], at=NOW)
    agent, _ = make_agent(owner=user)

    assert _lease_all(agent, 3) == [*earlier, *later]


def test_urgent_runs_come_first(user: User) -> None:
    first, urgent = make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    Run.objects.filter(pk=urgent.pk).update(priority=1)
    refresh_queue(at=NOW)

    assert _lease_all(make_agent(owner=user)[0], 2) == [urgent, first]


def test_owners_take_turns(user: User) -> None:
    other = make_user()
    many = make_runs(requested_by=user, models=[MODEL, OTHER_MODEL], protocols=[LATENCY, COMPLEXITY])
    few = make_runs(requested_by=other, models=[MODEL, OTHER_MODEL], at=NOW + timedelta(hours=1))
    agent, _ = make_agent(serves=Serves.EVERYONE)

    assert _lease_all(agent, 6) == [many[0], few[0], many[1], few[1], many[2], many[3]]


def test_released_run_goes_to_the_head_of_its_owners_queue(user: User) -> None:
    first, _ = make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    agent, _ = make_agent(owner=user)
    attachments = attach(agent)
    attempt = lease(agent, attachments)
    refresh_queue(at=NOW)
    release_attempt(agent=agent, token=token_of(attempt), reason="drained", at=NOW)
    refresh_queue(at=NOW)

    assert lease(agent, attachments).run == first


def test_same_request_gets_the_same_lease(user: User) -> None:
    make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    agent, _ = make_agent(owner=user)
    attachments, request = attach(agent), request_id()

    first, second = [lease_run(agent=agent, attachments=attachments, request_id=request, at=NOW) for _ in range(2)]

    assert first is not None
    assert first == second
    assert Attempt.objects.count() == 1


def test_request_whose_lease_has_ended_is_refused(user: User) -> None:
    make_runs(requested_by=user)
    agent, _ = make_agent(owner=user)
    attachments, request = attach(agent), request_id()
    attempt = lease_run(agent=agent, attachments=attachments, request_id=request, at=NOW)
    assert attempt is not None
    release_attempt(agent=agent, token=token_of(attempt), reason="", at=NOW)

    with pytest.raises(LeaseOver, match="new request_id"):
        lease_run(agent=agent, attachments=attachments, request_id=request, at=NOW)


def test_request_of_another_agent_with_the_same_id_is_its_own(user: User) -> None:
    make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    request = request_id()
    agents = [make_agent(owner=user)[0] for _ in range(2)]

    first, second = [lease_run(agent=a, attachments=attach(a), request_id=request, at=NOW) for a in agents]

    assert first is not None
    assert second is not None
    assert first.run != second.run


def test_paused_agent_is_given_nothing(user: User) -> None:
    make_runs(requested_by=user)

    assert _is_given_nothing(make_agent(owner=user, status=AgentStatus.PAUSED)[0])


def test_agent_paused_while_it_waits_is_given_nothing(user: User) -> None:
    make_runs(requested_by=user)
    waiting, _ = make_agent(owner=user)
    Agent.objects.filter(pk=waiting.pk).update(status=AgentStatus.PAUSED)

    assert _is_given_nothing(waiting)


def test_run_of_another_owner_is_not_given(user: User) -> None:
    make_runs(requested_by=make_user())

    assert _is_given_nothing(make_agent(owner=user)[0])


def test_agent_that_serves_everyone_is_given_the_run_of_another_owner(user: User) -> None:
    make_runs(requested_by=make_user())

    assert not _is_given_nothing(make_agent(owner=user, serves=Serves.EVERYONE)[0])


@pytest.mark.parametrize("accepts_uploads", [False, True])
def test_upload_is_given_to_an_agent_that_accepts_uploads(user: User, accepts_uploads: bool) -> None:
    [run] = make_runs(requested_by=user)
    Artifact.objects.filter(runs=run).update(is_uploaded=True)
    agent, _ = make_agent(owner=user, accepts_uploads=accepts_uploads)

    assert _is_given_nothing(agent) is not accepts_uploads


@pytest.mark.parametrize(
    "offer",
    [
        device_offer(engines=["onnx"]),
        device_offer(is_simulated=True),
        device_offer(kind_name="Snapdragon 855", category="phone", is_simulated=True),
    ],
)
def test_run_is_not_given_to_a_device_that_cannot_execute_it(user: User, offer: wire.DeviceOffer) -> None:
    make_runs(requested_by=user)
    agent, _ = make_agent(owner=user)
    attachments = attach(agent, offer)

    assert lease_run(agent=agent, attachments=attachments, request_id=request_id(), at=NOW) is None


def test_run_for_a_kind_is_given_to_a_device_of_that_kind_only(user: User) -> None:
    agent, _ = make_agent(owner=user)
    wrong, right = attach(agent, device_offer(kind_name="CPU A"), device_offer(kind_name="CPU B"))
    make_runs(requested_by=user, device_kind="cpu-b")

    attempt = lease(agent, [wrong, right])

    assert attempt.device == right.device


@pytest.mark.parametrize(("device_kind", "is_given"), [(None, False), ("simulated:snapdragon-855", True)])
def test_simulated_phone_is_given_only_what_asks_for_it_by_name(
    user: User, device_kind: str | None, is_given: bool
) -> None:
    agent, _ = make_agent(owner=user)
    attachments = attach(agent, phone_offer("ncnn", is_simulated=True))
    make_runs(requested_by=user, protocols=[PHONE], engine="ncnn", device_kind=device_kind)

    attempt = lease_run(agent=agent, attachments=attachments, request_id=request_id(), at=NOW)

    assert (attempt is not None) == is_given


@pytest.mark.parametrize(("device_kind", "is_given"), [(None, True), ("simulated:snapdragon-855", False)])
def test_real_phone_is_given_what_does_not_ask_for_a_simulator(
    user: User, device_kind: str | None, is_given: bool
) -> None:
    agent, _ = make_agent(owner=user)
    [attachment, _] = attach(agent, phone_offer("ncnn"), phone_offer("ncnn", is_simulated=True))
    make_runs(requested_by=user, protocols=[PHONE], engine="ncnn", device_kind=device_kind)

    attempt = lease_run(agent=agent, attachments=[attachment], request_id=request_id(), at=NOW)

    assert (attempt is not None) == is_given


def _artifact_of(run: Run) -> str:
    assert run.artifact is not None
    return run.artifact.sha256


def test_run_whose_artifact_the_agent_has_goes_first(user: User) -> None:
    first, second = make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    agent, _ = make_agent(owner=user)
    one, other = attach(agent, device_offer(), device_offer())
    cached = [_artifact_of(second)]

    runs = [lease(agent, [attachment], cached_artifacts=cached).run for attachment in (one, other)]

    assert runs == [second, first]


def test_cached_artifact_does_not_overtake_an_earlier_campaign(user: User) -> None:
    [earlier] = make_runs(requested_by=user)
    [later] = make_runs(requested_by=user, models=[OTHER_MODEL], at=NOW + timedelta(minutes=1))
    agent, _ = make_agent(owner=user)

    attempt = lease(agent, attach(agent), cached_artifacts=[_artifact_of(later)])

    assert attempt.run == earlier


def test_cached_artifact_does_not_overtake_a_more_urgent_run(user: User) -> None:
    urgent, cached = make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    Run.objects.filter(pk=urgent.pk).update(priority=50)
    agent, _ = make_agent(owner=user)

    attempt = lease(agent, attach(agent), cached_artifacts=[_artifact_of(cached)])

    assert attempt.run == urgent


def test_cached_artifact_does_not_take_another_owners_turn(user: User) -> None:
    mine = make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    [theirs] = make_runs(requested_by=make_user(), at=NOW + timedelta(minutes=1))
    agent, _ = make_agent(owner=user, serves=Serves.EVERYONE)
    attachments = attach(agent, device_offer(), device_offer(), device_offer())
    cached = [_artifact_of(mine[1])]

    runs = []
    for attachment in attachments:
        runs.append(lease(agent, [attachment], cached_artifacts=cached).run)
        refresh_queue(at=NOW)

    assert runs == [mine[1], theirs, mine[0]]


def test_owner_of_two_runs_does_not_wait_for_a_hundred_of_another(user: User) -> None:
    names = list(Network.objects.filter(precision="fp32", task="imagenet1k").values_list("name", flat=True))[:25]
    make_runs(requested_by=user, models=names, protocols=[LATENCY, COMPLEXITY, "cpu-fp32-bs4", "cpu-fp32-bs8"])
    other = make_user()
    make_runs(requested_by=other, models=[MODEL, OTHER_MODEL], at=NOW + timedelta(hours=1))
    agent, _ = make_agent(serves=Serves.EVERYONE)
    attachments = attach(agent, *[device_offer() for _ in range(4)])

    owners = [lease(agent, [attachment]).run.requested_by for attachment in attachments]

    assert Run.objects.count() == 102
    assert owners == [user, other, user, other]


def test_finished_runs_do_not_cost_an_owner_the_next_turn(user: User) -> None:
    make_runs(requested_by=user, models=[MODEL, OTHER_MODEL, "MobileNetV1"])
    other = make_user()
    make_runs(requested_by=other, models=[MODEL, OTHER_MODEL, "MobileNetV1"], at=NOW + timedelta(hours=1))
    agent, _ = make_agent(serves=Serves.EVERYONE)
    attachments = attach(agent, *[device_offer() for _ in range(4)])

    owners = []
    for attachment in attachments:
        refresh_queue(at=NOW)
        owners.append(lease(agent, [attachment]).run.requested_by)

    assert owners.count(user) == owners.count(other) == 2


def test_run_without_an_artifact_is_not_given(user: User) -> None:
    make_runs(requested_by=user, models=["MobileNetV3_large_x1_0_ssld_int8"])

    assert _is_given_nothing(make_agent(owner=user)[0])


def test_run_of_the_stub_engine_is_not_given_to_a_real_device(user: User) -> None:
    make_runs(requested_by=user, engine="stub")
    agent, _ = make_agent(owner=user)
    attachments = attach(agent, device_offer(engines=["stub"]))

    assert lease_run(agent=agent, attachments=attachments, request_id=request_id(), at=NOW) is None


def test_device_works_on_one_run_at_a_time_whichever_agent_asks(user: User) -> None:
    make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    offer = device_offer()
    first, second = make_agent(owner=user)[0], make_agent(owner=user)[0]
    lease(first, attach(first, offer))

    attachments = attach(second, offer)

    assert lease_run(agent=second, attachments=attachments, request_id=request_id(), at=NOW) is None


@pytest.mark.parametrize(
    ("wanted", "offered", "is_leased"),
    [
        ("", [WHOLE], True),
        ("", [SUBSET], False),
        ("", [], False),
        ("sample10", [WHOLE, SUBSET], True),
        ("sample10", [WHOLE], False),
        ("sample10", [SUBSET.model_copy(update={"task": "text-angle"})], False),
    ],
)
def test_accuracy_goes_only_to_an_agent_that_offers_its_images(
    wanted: str, offered: list[wire.Dataset], is_leased: bool
) -> None:
    standard_dataset()
    trained_artifact()
    agent, attachments = offering_agent(*offered)
    make_runs(requested_by=agent.owner, protocols=[ACCURACY], dataset=wanted)

    attempt = lease_run(agent=agent, attachments=attachments, request_id=request_id(), at=NOW)

    assert (attempt is not None) == is_leased


def test_order_of_an_accuracy_carries_the_dataset_as_it_was_offered(user: User) -> None:
    attempt = leased_accuracy(SUBSET, name="sample10")
    offer_datasets(agent=attempt.agent, datasets=[])

    attempt.refresh_from_db()

    assert attempt.dataset == SUBSET.model_dump()


def test_agent_without_images_still_gets_other_runs(user: User) -> None:
    trained_artifact()
    agent, _ = make_agent(owner=user)
    make_runs(requested_by=user, protocols=[ACCURACY, LATENCY])

    assert lease(agent, attach(agent)).run.protocol.slug == LATENCY
