"""The agent's loop against a site over real HTTP, measuring with the stub engine in real child processes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from runners import wire
from runners.agent import Agent
from runners.answers import FatalError, RefusedError, TokenRejectedError, UpgradeNeededError
from runners.attempt import Workbench
from runners.drain import Drain
from tests.runners.site_double import Reply, SiteDouble, make_order, problem

LONG_S = 60.0


def test_a_run_is_measured_and_its_result_uploaded(site: SiteDouble, agent: Agent, bench: Workbench) -> None:
    site.offer(make_order())

    assert agent.serve_once()

    [call] = site.calls("result")
    result = wire.ResultRequest.model_validate(call.json())
    [lease] = site.leases.values()
    assert (result.run_id, result.attempt_id, result.lease_token) == (7, 70, lease.lease_token)
    assert result.device_fingerprint == bench.devices[0].fingerprint
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
