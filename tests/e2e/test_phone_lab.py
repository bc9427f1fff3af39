"""A phone lab on a real site: what is found, what is measured, and how every fault of a phone ends."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runners import wire
from runners.answers import SiteError
from runners.client import SiteClient
from tests.e2e.phone_lab import PROTOCOL, PhoneLab, phone_lab, reasons
from tests.e2e.stack import Stack, states
from tests.e2e.waiting import wait_until
from tests.simulated_phone import SNAPDRAGON_855, SNAPDRAGON_855_PLUS, Moment, SimulatedPhone

pytestmark = pytest.mark.timeout(720)

MODEL = "MobileNetV1_x0_25"
WITHIN_S = 60.0


@pytest.fixture(scope="module")
def running_lab(site: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneLab]:
    """The phone is found by `enroll`; the agent offers it and nothing else from then on."""
    with phone_lab(site, tmp_path_factory.mktemp("lab")) as lab:
        lab.enrol()
        lab.offer_phone_only()
        lab.agent.start()
        wait_until(lambda: lab.is_registered(), WITHIN_S, what=lab.agent.log)
        yield lab


@pytest.fixture
def lab(running_lab: PhoneLab) -> Iterator[PhoneLab]:
    """The lab with a phone that is well and no open run."""
    yield running_lab
    print(f"--- agent of the lab\n{running_lab.agent.log()}")
    running_lab.phone.recover()
    running_lab.site.clear()
    running_lab.reattach()


def ask_for_a_run(client: SiteClient, offer: wire.DeviceOffer) -> None:
    now = datetime.now(UTC)
    settings = client.heartbeat(wire.HeartbeatRequest(client_time=now)).settings
    request = wire.LeaseRequest(request_id="8" * 32, devices=[offer], wait_s=0, runner_version="1", client_time=now)
    client.lease(settings.lease_url, request)


def test_enrolling_finds_the_phone_and_says_what_it_can_execute(lab: PhoneLab) -> None:
    said = " ".join(lab.enrolment.split())

    assert f"Snapdragon 855, Simulated 855 (serial {lab.phone.serial}) (simulated)" in said
    assert PROTOCOL in said
    assert "ncnn program" in said


def test_network_is_converted_for_a_program_with_a_format_of_its_own(lab: PhoneLab) -> None:
    run = lab.site.wait_for_run(lab.ask_for_run(MODEL))

    assert states(run) == ["accepted"]
    assert lab.has_one_measurement(run["id"])
    assert "pnnx" in lab.page(run["id"])
    assert lab.phone.is_clean(), lab.phone.leftovers()


@pytest.mark.parametrize(
    ("moment", "fault", "says"),
    [
        pytest.param(Moment.TOOL_RUNS, SimulatedPhone.unplug, "cable", id="unplugged"),
        pytest.param(Moment.TOOL_RUNS, SimulatedPhone.reboot, "is (offline|gone)|was cut", id="restarted"),
        pytest.param(Moment.BEFORE_PUSH, SimulatedPhone.fill_storage, "The phone's storage is full", id="full"),
    ],
)
def test_phone_that_fails_in_mid_run_is_repaired_and_the_run_is_done_once(
    lab: PhoneLab, moment: Moment, fault: Callable[[SimulatedPhone], None], says: str
) -> None:
    lab.phone.at(moment, lambda: fault(lab.phone))
    run_id = lab.ask_for_run(MODEL)
    lab.site.wait_for_attempt(run_id, "failed")
    lab.phone.recover()
    lab.reattach()

    run = lab.site.wait_for_run(run_id)

    assert states(run) == ["failed", "accepted"]
    [(_, kind, reason), _] = reasons(run)
    assert kind == "device"
    assert re.search(says, reason), reason
    assert reason in lab.page(run_id)
    assert lab.has_one_measurement(run_id)
    assert lab.phone.is_clean(), lab.phone.leftovers()


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        pytest.param(SimulatedPhone.crash_tool, "benchncnn crashed on the phone with signal 11", id="crashes"),
        pytest.param(SimulatedPhone.garble_tool, "benchncnn on the phone: ", id="rubbish"),
    ],
)
def test_program_that_fails_ends_the_run_at_once(
    lab: PhoneLab, fault: Callable[[SimulatedPhone], None], says: str
) -> None:
    fault(lab.phone)

    run = lab.site.wait_for_run(lab.ask_for_run(MODEL), "failed")

    assert [(state, kind) for state, kind, _ in reasons(run)] == [("failed", "engine")]
    assert says in run["failure"]
    assert run["failure"] in lab.page(run["id"])
    assert lab.measurements_of(run["id"]) == 0
    assert lab.phone.is_clean(), lab.phone.leftovers()


def overheat(phone: SimulatedPhone) -> None:
    """It cools down soon, and yet keeps its clock low for the rest of the attempt."""
    phone.heat(95.0, cools_by_c=12.0)
    phone.throttle(0.8)


def test_phone_that_heats_up_is_cooled_down_and_its_throttling_is_flagged(lab: PhoneLab) -> None:
    # The second of five invocations: what ran slow from beginning to end would be refused.
    lab.phone.at(Moment.TOOL_STARTS, lambda: overheat(lab.phone), 2)
    run_id = lab.ask_for_run(MODEL)

    wait_until(lambda: "cooling down" in lab.page(run_id), WITHIN_S, what=lambda: lab.page(run_id))
    run = lab.site.wait_for_run(run_id)

    assert states(run) == ["accepted"]
    [latency] = [row for row in lab.site.results_of(run_id) if row["metric"] == "latency"]
    assert "throttled" in latency["flags"]
    assert "the device lowered its clock while it was measured" in lab.page(run_id)
    assert lab.has_one_measurement(run_id)
    assert lab.phone.is_clean(), lab.phone.leftovers()


def test_phone_that_stays_hot_is_given_up_with_the_degrees_and_measured_once_it_is_cool(lab: PhoneLab) -> None:
    lab.site.wait_for_run(lab.ask_for_run(MODEL))
    lab.phone.heat(60.0)
    run_id = lab.ask_for_run(MODEL)
    lab.site.wait_for_attempt(run_id, "failed")
    lab.phone.recover()

    run = lab.site.wait_for_run(run_id)

    assert states(run) == ["failed", "accepted"]
    [(_, kind, reason), _] = reasons(run)
    assert kind == "device"
    assert "not ready within 12 s: it is at 60.0 °C, and at most" in reason
    assert reason in lab.page(run_id)
    assert lab.has_one_measurement(run_id)
    assert lab.phone.is_clean(), lab.phone.leftovers()


def test_phone_that_throttles_all_the_time_is_refused_and_the_run_fails_at_the_third_try(lab: PhoneLab) -> None:
    lab.phone.throttle(0.8)

    run = lab.site.wait_for_run(lab.ask_for_run(MODEL), "failed")

    assert states(run) == ["quarantined"] * 3
    refusal = "The phone ran below its clock all the time (at most 2.27 of 2.84 GHz permitted)"
    assert all(refusal in reason for _, _, reason in reasons(run))
    assert all(reason in lab.page(run["id"]) for _, _, reason in reasons(run))
    assert lab.measurements_of(run["id"]) == 0
    assert lab.phone.is_clean(), lab.phone.leftovers()


def test_run_that_waits_for_its_paddle_lite_file_goes_on_once_the_owner_uploads_it(
    lab: PhoneLab, tmp_path: Path
) -> None:
    lab.accept_uploads()
    optimised = tmp_path / "model.nb"
    optimised.write_bytes(b"network" * 200_000)
    run_id = lab.ask_for_run(MODEL, engine="paddle-lite")
    wait_until(lambda: lab.site.run(run_id)["blocked_by"], WITHIN_S)
    blocked_by, page_meanwhile = lab.site.run(run_id)["blocked_by"], lab.page(run_id)

    said = lab.run("upload-artifact", MODEL, str(optimised), "--weights", "its owner's")
    run = lab.site.wait_for_run(run_id)

    assert blocked_by == f"no paddle-lite artifact of {MODEL}"
    assert f"Waits: {blocked_by}" in page_meanwhile
    assert run["artifact_sha256"] in said
    assert run["weights"] == "its owner's"
    assert run["artifact_sha256"] in lab.site.page(f"/models/{MODEL}")
    assert lab.has_one_measurement(run_id)


def test_phone_that_turns_out_to_be_an_855_plus_measures_nothing_for_an_855(lab: PhoneLab) -> None:
    lab.phone.become(SNAPDRAGON_855_PLUS)
    run_id = lab.ask_for_run(MODEL)
    lab.site.wait_for_attempt(run_id, "failed")
    wait_until(lambda: lab.site.run(run_id)["blocked_by"], WITHIN_S, what=lambda: str(lab.site.run(run_id)))
    blocked_by, page_meanwhile = lab.site.run(run_id)["blocked_by"], lab.page(run_id)
    lab.phone.become(SNAPDRAGON_855)
    lab.restart_agent()

    run = lab.site.wait_for_run(run_id)

    [(_, kind, reason), _] = reasons(run)
    assert kind == "device"
    assert "another phone now (Snapdragon 855 Plus) than the one that was offered" in reason
    assert "simulated Snapdragon 855" in blocked_by
    assert blocked_by in page_meanwhile
    assert lab.has_one_measurement(run_id)


def test_agent_that_claims_an_855_by_the_facts_of_an_855_plus_is_refused(lab: PhoneLab) -> None:
    config = lab.folder.load()
    facts = {"ro.board.platform": "msmnile", "ro.soc.model": "SM8150", "cpu_part": "0x804"}
    claim = wire.DeviceOffer(
        fingerprint="8" * 64,
        category="phone",
        kind_name="Snapdragon 855",
        is_simulated=False,
        engines=[wire.EngineOffer(name="ncnn", release="1")],
        facts=facts | {"cpu7_max_frequency_khz": 2956800},
    )
    client = SiteClient(config.site, config.token)

    with pytest.raises(SiteError, match="By its facts it is a Snapdragon 855 Plus") as refusal:
        ask_for_a_run(client, claim)
    client.close()

    assert "2956800" in refusal.value.detail
    assert lab.site.sql("SELECT count(*) FROM fleet_device WHERE fingerprint = %s", "8" * 64) == [(0,)]
