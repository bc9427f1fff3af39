"""What an agent claims of its hardware and of its results, over HTTP: what does not fit together is refused."""

import pytest
from django.utils import timezone

from apps.fleet.models import Agent
from apps.results.actions.accept import accept_attempt
from apps.results.models import Result
from apps.runs.models import Attempt, Upload
from runners import wire
from tests.api.calls import Caller, assert_problem, row_counts
from tests.devices import GPU_PROTOCOL, PHONE_PROTOCOL, PLUS_FACTS, RTX_FACTS, gpu, gpu_record, phone, summary_record
from tests.factories import make_agent, make_runs, request_id, result_message


def lease_request(device: wire.DeviceOffer) -> wire.LeaseRequest:
    return wire.LeaseRequest(
        request_id=request_id(), devices=[device], runner_version="1.0", client_time=timezone.now()
    )


def leased(agent: Agent, caller: Caller, device: wire.DeviceOffer, protocol: str) -> Attempt:
    make_runs(requested_by=agent.owner, protocols=[protocol], engine=device.engines[0].name)
    response = caller.post("agent/lease", lease_request(device))
    assert response.status_code == 200, response.content
    return Attempt.objects.get(pk=wire.LeaseAnswer.model_validate_json(response.content).order.attempt_id)


def body_of(attempt: Attempt, record: wire.Record) -> bytes:
    return result_message(attempt, record, at=timezone.now()).model_dump_json().encode()


@pytest.fixture
def attempt(enrolled: tuple[Agent, Caller]) -> Attempt:
    """A run under the phone's protocol, leased by a real Snapdragon 855."""
    return leased(*enrolled, phone(), PHONE_PROTOCOL)


@pytest.mark.parametrize(
    ("device", "says"),
    [
        (phone(facts=PLUS_FACTS), "cpu7_max_frequency_khz is 2956800 kHz, that of the kind is 2841600 kHz"),
        (phone(facts={}), "is missing"),
        (gpu(facts=RTX_FACTS), "name is NVIDIA GeForce RTX 2080, that of the kind is Tesla T4"),
        (phone(facts={"stated": True}), "offer hardware that is attached"),
    ],
    ids=["855+ as 855", "855 without facts", "RTX as T4", "stated"],
)
def test_device_that_is_not_what_it_is_called_gets_no_run(
    enrolled: tuple[Agent, Caller], device: wire.DeviceOffer, says: str
) -> None:
    before = row_counts()

    problem = assert_problem(enrolled[1].post("agent/lease", lease_request(device)), 422, "invalid-input")

    assert says in problem.detail
    assert row_counts() == before


def test_other_hardware_under_its_own_name_gets_no_run_of_the_kind(enrolled: tuple[Agent, Caller]) -> None:
    agent, caller = enrolled
    make_runs(requested_by=agent.owner, protocols=[PHONE_PROTOCOL], engine="ncnn")
    plus = phone(kind_name="Snapdragon 855 Plus", facts=PLUS_FACTS)

    assert caller.post("agent/lease", lease_request(plus)).status_code == 204


def test_phone_and_gpu_measure_under_their_protocols(enrolled: tuple[Agent, Caller]) -> None:
    agent, caller = enrolled
    cases: list[tuple[wire.DeviceOffer, str, wire.Record]] = [
        (phone(), PHONE_PROTOCOL, summary_record()),
        (gpu(), GPU_PROTOCOL, gpu_record()),
    ]

    for device, protocol, record in cases:
        attempt = leased(agent, caller, device, protocol)
        assert caller.post_result(body_of(attempt, record)).status_code == 202
        accept_attempt(attempt_id=attempt.pk, at=timezone.now())

    rows = {(row["metric"], row["configuration"]): row for row in Caller().get("results/").json()["results"]}
    summary = rows[("latency", "sd855-bs1-t1.ncnn.snapdragon-855")]
    assert (summary["evidence"], summary["interval"], summary["n"]) == ("summary", None, 500)
    assert rows[("device_time", "t4-fp16-bs1.onnxruntime-tensorrt.tesla-t4")]["unit"] == "ms"


def test_result_of_a_phone_that_another_agent_leased_is_a_403(attempt: Attempt) -> None:
    stranger = Caller(make_agent()[1])

    assert_problem(stranger.post_result(body_of(attempt, summary_record())), 403, "foreign-lease")

    assert not Upload.objects.exists()


def test_replayed_summary_is_a_200_and_another_one_a_409(enrolled: tuple[Agent, Caller], attempt: Attempt) -> None:
    _, caller = enrolled
    body = body_of(attempt, summary_record())

    answers = [caller.post_result(body).status_code for _ in range(2)]

    assert answers == [202, 200]
    assert_problem(caller.post_result(body_of(attempt, summary_record(mean_ms=19.0))), 409, "other-result")
    assert bytes(Upload.objects.get().body) == body


def test_summary_whose_mean_does_not_follow_ends_in_quarantine(
    enrolled: tuple[Agent, Caller], attempt: Attempt
) -> None:
    record = summary_record().model_copy(update={"stated_mean_ns": 1.0})
    enrolled[1].post_result(body_of(attempt, record))

    accept_attempt(attempt_id=attempt.pk, at=timezone.now())

    run = Caller().get(f"runs/{attempt.run_id}/").json()
    assert "The stated mean is 1 ns" in run["attempts"][0]["reason"]
    assert not Result.objects.exists()
