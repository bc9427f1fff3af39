"""The agent's loop against a site over real HTTP, measuring with the stub engine in real child processes."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runners import wire
from runners.agent import Agent
from runners.answers import FatalError, RefusedError, TokenRejectedError, UpgradeNeededError
from runners.attempt import Workbench
from runners.config import StateFolder
from runners.drain import Drain
from runners.execute import AttemptFailed
from runners.hardware.roster import Roster
from runners.held_lease import HeldLease
from tests.runners.hardware.pieces import Piece
from tests.runners.site_double import Reply, SiteDouble, make_order, problem

LONG_S = 60.0


def test_a_run_is_measured_and_its_result_uploaded(site: SiteDouble, agent: Agent, bench: Workbench) -> None:
    site.offer(make_order())

    assert agent.serve_once()

    [call] = site.calls("result")
    result = wire.ResultRequest.model_validate(call.json())
    [lease] = site.leases.values()
    assert (result.run_id, result.attempt_id, result.lease_token) == (7, 70, lease.lease_token)
    assert result.device_fingerprint == bench.roster.offers()[0].fingerprint
    assert isinstance(result.record, wire.LatencyRecord)
    assert len(result.record.processes[0].wall_ns) >= 5
    assert bench.spool.pending() == []
    assert list(bench.work.iterdir()) == []


def test_no_run_is_no_error(site: SiteDouble, agent: Agent) -> None:
    assert not agent.serve_once()

    [call] = site.calls("lease")
    assert call.json()["wait_s"] == 0


@pytest.mark.parametrize(
    "failure", [Reply(is_lost=True), problem(503, "Down."), problem(429, "Busy.", Retry_After="0")]
)
def test_a_lease_whose_answer_was_lost_is_asked_for_with_the_same_id(
    site: SiteDouble, agent: Agent, failure: Reply
) -> None:
    site.offer(make_order())
    site.script("lease", failure)

    assert agent.serve_once()

    first, second = site.calls("lease")
    assert first.json()["request_id"] == second.json()["request_id"]
    assert len(site.leases) == 1
    assert len(site.calls("result")) == 1


def test_every_new_question_has_a_new_id(site: SiteDouble, agent: Agent, drain: Drain) -> None:
    site.script("lease", Reply(204, b""))
    thread = threading.Thread(target=agent.serve)
    thread.start()

    first, second = site.wait_for("lease", count=2)
    drain.request()
    thread.join(5)

    assert first.json()["request_id"] != second.json()["request_id"]


def test_the_lease_address_is_learned_again_after_a_failure(site: SiteDouble, agent: Agent) -> None:
    site.offer(make_order())
    nowhere = site.settings().model_copy(update={"lease_url": "http://127.0.0.1:9/lease"})
    moved = wire.HeartbeatAnswer(action="continue", settings=nowhere)
    site.script("heartbeat", Reply(200, moved.model_dump_json().encode()))

    assert agent.serve_once()

    assert len(site.calls("lease")) == 1


def test_a_drain_in_the_middle_hands_the_run_back(site: SiteDouble, agent: Agent, drain: Drain) -> None:
    site.offer(make_order(min_duration_s=LONG_S))
    thread = threading.Thread(target=agent.serve)
    thread.start()
    site.wait_for("heartbeat", count=4)

    drain.request()
    thread.join(10)

    assert not thread.is_alive()
    [release] = site.calls("release")
    assert release.json() == {"lease_token": "lease-70", "reason": "agent stops"}
    assert not site.calls("fail")


def test_a_drain_does_not_wait_for_the_long_poll(site: SiteDouble, agent: Agent, drain: Drain) -> None:
    thread = threading.Thread(target=agent.serve)
    thread.start()
    site.wait_for("lease")

    drain.request()
    thread.join(5)

    assert not thread.is_alive()


def test_the_agent_goes_on_with_the_next_run(site: SiteDouble, agent: Agent, drain: Drain) -> None:
    site.offer(make_order(run_id=1, attempt_id=10), make_order(run_id=2, attempt_id=20))
    thread = threading.Thread(target=agent.serve)
    thread.start()

    results = site.wait_for("result", count=2)
    drain.request()
    thread.join(5)

    assert [call.json()["run_id"] for call in results] == [1, 2]


@pytest.mark.parametrize(("status", "error"), [(401, TokenRejectedError), (426, UpgradeNeededError)])
@pytest.mark.parametrize("endpoint", ["heartbeat", "lease", "fail"])
def test_an_answer_after_which_nothing_can_succeed_ends_the_agent(
    site: SiteDouble, agent: Agent, endpoint: str, status: int, error: type[FatalError]
) -> None:
    site.files["model.onnx"] = b"corrupt, so that the attempt fails"
    site.offer(make_order())
    site.script(endpoint, problem(status, "No."))

    with pytest.raises(error):
        agent.serve()


def test_a_token_revoked_in_the_middle_stops_the_measuring(site: SiteDouble, agent: Agent) -> None:
    good = Reply(200, wire.HeartbeatAnswer(action="continue", settings=site.settings()).model_dump_json().encode())
    site.script("heartbeat", good, good, problem(401, "Revoked."))
    site.offer(make_order(min_duration_s=LONG_S))

    with pytest.raises(TokenRejectedError):
        agent.serve()

    assert not site.calls("result")


def test_a_lease_that_is_not_allowed_ends_the_agent_with_the_reason(site: SiteDouble, agent: Agent) -> None:
    site.script("lease", problem(403, "Agent suspended."))

    with pytest.raises(RefusedError, match="Agent suspended"):
        agent.serve()


def test_a_wrong_clock_is_said_and_recorded(
    site: SiteDouble, agent: Agent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = site.settings().model_copy(update={"server_time": datetime.now(UTC) + timedelta(hours=1)})
    monkeypatch.setattr(site, "settings", lambda: settings)
    site.offer(make_order())

    agent.serve_once()

    assert "clock is -3600 s off the site's" in capsys.readouterr().out
    [call] = site.calls("result")
    assert call.json()["environment"]["clock_skew_s"] == pytest.approx(-3600, abs=30)


def wish(site: SiteDouble, monkeypatch: pytest.MonkeyPatch, **wanted: object) -> None:
    """What the owner asks for, with every answer of the site's from now on."""
    honest = SiteDouble.settings
    monkeypatch.setattr(site, "settings", lambda: honest(site).model_copy(update=wanted))


def agent_with(bench: Workbench, *pieces: Piece) -> Agent:
    return Agent(dataclasses.replace(bench, roster=Roster(pieces)))


def devices_of(site: SiteDouble, lease: int = -1) -> list[dict[str, Any]]:
    """What the agent offered with one of its lease requests."""
    found: list[dict[str, Any]] = site.calls("lease")[lease].json()["devices"]
    return found


def test_order_goes_to_the_device_that_it_names(site: SiteDouble, bench: Workbench) -> None:
    first, second = Piece("first"), Piece("second")
    offer = second.offer()
    assert offer is not None
    order = make_order().model_copy(update={"device_fingerprint": offer.fingerprint})
    lease = wire.LeaseAnswer(order=order, lease_token="lease-70", expires_in_s=90, settings=site.settings())
    site.script("lease", Reply(200, lease.model_dump_json().encode()))

    agent_with(bench, first, second).serve_once()

    assert (first.measured, second.measured) == ([], [70])
    assert site.calls("result")[0].json()["device_fingerprint"] == offer.fingerprint


def test_agent_without_hardware_asks_for_no_run_and_goes_on_when_it_comes(
    site: SiteDouble,
    bench: Workbench,
    drain: Drain,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("runners.agent.NOTHING_THERE_S", 0.05)
    monkeypatch.setattr("runners.agent.SHORTEST_POLL_S", 0.05)
    piece = Piece()
    piece.is_there = False
    thread = threading.Thread(target=agent_with(bench, piece).serve)
    thread.start()
    site.wait_for("heartbeat", count=3)
    asked_without = len(site.calls("lease"))

    piece.is_there = True
    site.wait_for("lease")
    drain.request()
    thread.join(5)

    assert asked_without == 0
    assert capsys.readouterr().out.count("None of this agent's hardware is there now") == 1


def test_device_proves_itself_after_its_failure_before_it_gets_another_run(
    site: SiteDouble, bench: Workbench, drain: Drain
) -> None:
    piece = Piece()
    piece.failure = AttemptFailed(wire.FailureKind.DEVICE, "It fell off the table.")
    site.offer(make_order())
    thread = threading.Thread(target=agent_with(bench, piece).serve)
    thread.start()

    site.wait_for("lease", count=2)
    drain.request()
    thread.join(5)

    assert devices_of(site, 0)[0]["self_check"] is None
    assert devices_of(site, 1)[0]["self_check"] == {"is_ok": True, "text": "well", "after_attempt_id": 70}


def test_device_of_an_agent_that_was_killed_proves_itself_and_is_cleaned_at_the_next_start(
    site: SiteDouble, bench: Workbench
) -> None:
    piece = Piece()
    offer = piece.offer()
    assert offer is not None
    held = HeldLease(run_id=7, attempt_id=70, lease_token="lease-70", device_fingerprint=offer.fingerprint)
    held.write(bench.work / "70")

    agent_with(bench, piece).serve_once()

    assert site.calls("fail")[0].json()["kind"] == "infrastructure"
    assert devices_of(site)[0]["self_check"]["after_attempt_id"] == 70
    assert piece.cleaned == 1


def test_agent_that_is_to_drain_finishes_its_run_uploads_it_and_ends(
    site: SiteDouble, bench: Workbench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.offer(make_order(), make_order(run_id=8, attempt_id=80))
    agent = agent_with(bench, piece := Piece())
    measure = piece.measure

    def drain_meanwhile(*arguments: Any, **options: Any) -> Any:
        wish(site, monkeypatch, is_draining=True)
        site.wait_for("heartbeat", count=len(site.calls("heartbeat")) + 2)
        return measure(*arguments, **options)

    monkeypatch.setattr(piece, "measure", drain_meanwhile)

    agent.serve()

    assert [call.json()["run_id"] for call in site.calls("result")] == [7]
    assert bench.spool.pending() == []
    assert "The owner asked this agent on the site to end" in capsys.readouterr().out


def test_idle_agent_hears_that_it_is_to_drain(site: SiteDouble, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    site.script("lease", Reply(204, b""))
    thread = threading.Thread(target=agent.serve)
    thread.start()
    site.wait_for("lease")
    wish(site, monkeypatch, is_draining=True)

    thread.join(10)

    assert not thread.is_alive()


def test_device_that_the_site_refuses_is_named_and_the_agent_goes_on(
    site: SiteDouble, agent: Agent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = wire.RefusedDevice(fingerprint="0" * 64, kind_name="SM8150", reason="Its facts are another's.")
    wish(site, monkeypatch, refused_devices=[refused])

    agent.serve_once()

    assert "The site refuses SM8150: Its facts are another's." in capsys.readouterr().out
    assert site.calls("lease")


def test_agent_that_still_drains_at_its_start_asks_for_no_run(
    site: SiteDouble, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish(site, monkeypatch, is_draining=True)

    Agent(bench).serve()
    had_run = Agent(bench).serve_once()

    assert not had_run
    assert site.calls("lease") == []


def test_token_is_replaced_when_the_owner_wants_it_and_kept_before_it_is_used(
    site: SiteDouble, agent: Agent, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish(site, monkeypatch, should_rotate=True)
    agent_saves = folder.load().token

    agent.serve_once()

    assert agent_saves != "zba_1_new"
    assert folder.load().token == "zba_1_new"
    after = site.received[site.received.index(site.calls("rotate")[0]) + 1 :]
    assert {call.headers["authorization"] for call in after} == {"Bearer zba_1_new"}


def test_agent_whose_rotation_got_no_answer_goes_on_with_the_token_it_has(
    site: SiteDouble, agent: Agent, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = folder.load().token
    wish(site, monkeypatch, should_rotate=True)
    site.script("rotate", problem(503, "Down."))

    agent.serve_once()

    assert folder.load().token == before
    assert len(site.calls("lease")) == 1


def test_token_is_not_replaced_while_a_result_waits_for_its_upload(
    site: SiteDouble, agent: Agent, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish(site, monkeypatch, should_rotate=True)
    monkeypatch.setattr("runners.upload.Uploader.start", lambda uploader: None)
    monkeypatch.setattr("runners.upload.Uploader.wait_until_empty", lambda uploader: True)
    (folder.spool / "7-70.json.gz").write_bytes(b"result")

    agent.serve_once()

    assert site.calls("rotate") == []
