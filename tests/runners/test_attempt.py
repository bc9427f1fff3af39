"""One attempt of an agent against a site over real HTTP, measuring with the stub engine in real child processes."""

from __future__ import annotations

import threading

import pytest

from runners import wire
from runners.agent import Agent
from runners.attempt import Workbench
from runners.attempt_log import AttemptLog
from runners.drain import Drain
from runners.hardware.host import HostCpu
from tests.runners.engines import networks
from tests.runners.site_double import Reply, SiteDouble, make_artifact, make_order, problem

LONG_S = 60.0


def test_a_heartbeat_with_the_lease_precedes_everything_else(site: SiteDouble, agent: Agent) -> None:
    site.offer(make_order())

    agent.serve_once()

    order = [call.endpoint for call in site.received]
    assert order[:4] == ["heartbeat", "lease", "heartbeat", "artifacts"]
    assert site.calls("heartbeat")[0].json()["lease_token"] is None
    assert site.calls("heartbeat")[1].json()["lease_token"] == "lease-70"


@pytest.mark.parametrize(
    "answer",
    [
        problem(409, "The lease ended."),
        Reply(
            200,
            b'{"action": "cancel", "settings": {"lease_url": "/lease", "heartbeat_every_s": 1,'
            b' "server_time": "2026-11-24T09:30:00Z"}}',
        ),
    ],
    ids=["lease gone", "cancelled"],
)
@pytest.mark.parametrize("beats_before", [0, 3])
def test_the_site_can_stop_an_attempt_and_hears_nothing_more_of_it(
    site: SiteDouble, agent: Agent, answer: Reply, beats_before: int
) -> None:
    good = Reply(200, wire.HeartbeatAnswer(action="continue", settings=site.settings()).model_dump_json().encode())
    site.script("heartbeat", *[good] * (1 + beats_before), answer)
    site.offer(make_order(min_duration_s=LONG_S))

    assert agent.serve_once()

    assert len(site.calls("heartbeat")) == 2 + beats_before
    assert not [call for call in site.received if call.endpoint in ("release", "fail", "result")]


def test_heartbeats_that_do_not_arrive_do_not_stop_the_measuring(site: SiteDouble, agent: Agent) -> None:
    good = Reply(200, wire.HeartbeatAnswer(action="continue", settings=site.settings()).model_dump_json().encode())
    bad = [Reply(is_lost=True), problem(500, "Fault."), problem(404, "Gone?"), problem(422, "What?")]
    site.script("heartbeat", good, good, *bad)
    site.offer(make_order(min_duration_s=1.5))

    assert agent.serve_once()

    assert len(site.calls("heartbeat")) > 6
    assert len(site.calls("result")) == 1


def test_the_progress_travels_with_the_heartbeat(site: SiteDouble, agent: Agent) -> None:
    site.offer(make_order(min_duration_s=0.5))

    agent.serve_once()

    phases = [call.json()["progress"]["phase"] for call in site.calls("heartbeat")[1:]]
    assert phases[0] == "prepare"
    assert "artifact" in phases


def test_a_corrupt_artifact_is_a_failure_of_the_infrastructure_with_both_hashes(site: SiteDouble, agent: Agent) -> None:
    site.files["model.onnx"] = b"truncated"
    order = make_order()
    site.offer(order)

    assert agent.serve_once()

    [fail] = site.calls("fail")
    assert fail.json()["kind"] == "infrastructure"
    assert order.artifact.files[0].sha256 in fail.json()["reason"]
    assert not site.calls("result")


def test_a_failure_is_reported_until_the_site_takes_it(site: SiteDouble, agent: Agent) -> None:
    site.files["model.onnx"] = b"truncated"
    site.script("fail", problem(503, "Down."))
    site.offer(make_order())

    agent.serve_once()

    assert len(site.calls("fail")) == 2


def test_a_failure_of_a_lost_lease_is_dropped(site: SiteDouble, agent: Agent) -> None:
    site.files["model.onnx"] = b"truncated"
    site.script("fail", problem(409, "The lease ended."))
    site.offer(make_order())

    assert agent.serve_once()

    assert len(site.calls("fail")) == 1


def test_an_order_for_a_device_that_was_not_offered_is_refused(site: SiteDouble, agent: Agent) -> None:
    lease = wire.LeaseAnswer(order=make_order(), lease_token="lease-70", expires_in_s=90, settings=site.settings())
    site.script("lease", Reply(200, lease.model_dump_json().encode()))

    agent.serve_once()

    [fail] = site.calls("fail")
    assert fail.json()["kind"] == "user"


def test_a_bug_in_an_attempt_does_not_end_the_agent(
    site: SiteDouble, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(HostCpu, "measure", broken)
    site.offer(make_order())

    assert agent.serve_once()

    [fail] = site.calls("fail")
    assert fail.json()["reason"] == "The agent failed: ZeroDivisionError: a bug"
    assert b"Traceback" in site.log


def test_what_everyone_may_read_names_no_folder_of_the_host(
    site: SiteDouble, agent: Agent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason of a failure, and the log; its owner's terminal has all."""

    def broken(*_args: object, **_options: object) -> None:
        raise OSError(13, "Permission denied", "/srv/jane/models/model.onnx")

    monkeypatch.setattr(HostCpu, "measure", broken)
    site.offer(make_order())

    agent.serve_once()

    [fail] = site.calls("fail")
    assert "Permission denied: '…/model.onnx'" in fail.json()["reason"]
    assert "Permission denied: '…/model.onnx'" in site.log.decode()
    assert b"jane" not in b"".join(call.body for call in site.received)
    assert "/srv/jane/models/model.onnx" in capsys.readouterr().out


def test_the_lines_of_an_attempt_are_on_the_site(site: SiteDouble, agent: Agent) -> None:
    site.offer(make_order())

    agent.serve_once()

    assert b"Attempt 70 of run 7: MobileNetV1 with stub." in site.log
    assert b"Measured MobileNetV1: median" in site.log
    [call] = site.calls("log")[:1]
    assert call.query == {"attempt": "70", "offset": "0"}
    assert call.headers["zooboard-lease"] == "lease-70"


def test_a_complexity_run_tells_nothing_of_the_latency_run_before_it(
    site: SiteDouble, agent: Agent, drain: Drain, capsys: pytest.CaptureFixture[str]
) -> None:
    site.files["model.onnx"] = networks.network()
    timed = make_order(artifact=make_artifact(site.files["model.onnx"]))
    protocol = wire.Protocol(
        slug="complexity", version=1, kind=wire.ProtocolKind.COMPLEXITY, input_shape=networks.INPUT_SHAPE
    )
    counted = timed.model_copy(update={"run_id": 8, "attempt_id": 80, "model": "Tiny", "protocol": protocol})
    site.offer(timed, counted)
    thread = threading.Thread(target=agent.serve)
    thread.start()

    site.wait_for("result", count=2)
    drain.request()
    thread.join(10)

    logged = b"".join(call.body for call in site.calls("log") if call.query["attempt"] == "80")
    assert b"Measured Tiny.\n" in logged
    assert b"median" not in logged
    assert not [line for line in capsys.readouterr().out.splitlines() if "Tiny" in line and "median" in line]


def test_a_log_that_the_site_was_away_for_follows_the_result(site: SiteDouble, agent: Agent) -> None:
    site.heartbeat_every_s = LONG_S
    site.script("log", problem(503, "Down."))
    site.script("result", problem(503, "Down."))
    site.offer(make_order())

    agent.serve_once()

    assert [call.endpoint for call in site.received][-4:] == ["log", "result", "result", "log"]
    assert b"Measured MobileNetV1: median" in site.log


def test_a_log_is_sent_in_the_same_breath_in_which_the_site_says_where_to_go_on(
    site: SiteDouble, bench: Workbench
) -> None:
    log = AttemptLog(bench.client, attempt_id=70, lease_token="lease-70")
    log.write("first")
    site.script("log", Reply(is_lost=True))
    log.send()
    log.write("second")

    log.send()

    assert b"second" in site.log


def test_a_log_is_resumed_where_the_site_says(site: SiteDouble, bench: Workbench) -> None:
    log = AttemptLog(bench.client, attempt_id=70, lease_token="lease-70")
    log.write("first")
    site.script("log", Reply(is_lost=True))
    log.send()
    log.write("second")

    log.send()
    log.send()

    lines = site.log.decode().splitlines()
    assert [line.partition(" ")[2] for line in lines] == ["first", "second"]


def test_a_log_that_is_refused_raises_nothing(site: SiteDouble, bench: Workbench) -> None:
    log = AttemptLog(bench.client, attempt_id=70, lease_token="lease-70")
    log.write("line")
    site.script("log", problem(413, "Too long."))

    log.send()

    assert site.log == b""
