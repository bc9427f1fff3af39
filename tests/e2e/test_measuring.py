"""What real agents measure on a real site, from the request over REST to the leaderboard."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runners import wire
from runners.client import SiteClient
from runners.machine import local_device
from runners.zoo import catalogue
from tests.e2e.stack import COMPLEXITY, COUNTED, LATENCY, MODELS, TIMED, Stack, states
from tests.e2e.waiting import wait_until

pytestmark = pytest.mark.timeout(720)

MODEL = MODELS[0]
# Nobody else's, since the catalogue has no file of its own for them from then on.
UPLOADED, DAMAGED = "ShuffleNetV2_x0_33", "ShuffleNetV2_x0_5"


def test_four_models_are_measured_and_stand_beside_their_published_values(stack: Stack) -> None:
    agent = stack.agent()
    agent.start()

    campaign = stack.ask_for(MODELS, [LATENCY, COMPLEXITY])
    wait_until(lambda: stack.get(f"/api/v1/campaigns/{campaign}/")["runs"]["done"] == 2 * len(MODELS), 150)

    runs = stack.runs(campaign)
    assert {(run["model"], run["protocol"]) for run in runs} == {(m, p) for m in MODELS for p in (LATENCY, COMPLEXITY)}
    for run in runs:
        rows = stack.results_of(run["id"])
        assert {row["metric"] for row in rows} == (TIMED if run["protocol"] == LATENCY else COUNTED)
        assert {row["artifact_sha256"] for row in rows} == {run["artifact_sha256"]}
        assert all(row["engine_release"] and not row["is_simulated"] for row in rows)
        assert states(stack.run(run["id"])) == ["accepted"]
        assert has_provenance(stack, run["id"])
    latencies = [row for run in runs for row in stack.results_of(run["id"]) if row["metric"] == "latency"]
    assert all(has_samples(stack, row) for row in latencies)
    assert stands_beside_published(stack, latencies)
    assert "all as recomputed" in stack.command("check_board")


def has_provenance(stack: Stack, run_id: int) -> bool:
    """Whether environment, artifact, engine and runner of a run are recorded."""
    [[environment, engine, runner, has_artifact]] = stack.sql(
        """
        SELECT m.environment, m.engine_release, m.runner_version, m.artifact_id = r.artifact_id
        FROM results_measurement m JOIN runs_attempt a ON a.id = m.attempt_id JOIN runs_run r ON r.id = a.run_id
        WHERE r.id = %s
        """,
        run_id,
    )
    return bool(environment["cpu"]["brand"] and environment["kernel"] and engine and runner and has_artifact)


def has_samples(stack: Stack, row: dict[str, Any]) -> bool:
    """Whether all of a latency's samples are there, of all processes."""
    samples = stack.get(f"/api/v1/results/{row['id']}/samples/")
    wall_counts = [len(process["wall_ns"]) for process in samples["processes"]]
    return len(wall_counts) == 5 and min(wall_counts) >= 50 and sum(wall_counts) == row["n"] == samples["count"]


def stands_beside_published(stack: Stack, latencies: list[dict[str, Any]]) -> bool:
    """Whether the leaderboard has each measured value and, in another column, the published one."""
    rows = {row["model"]: row["cells"] for row in stack.get("/api/v1/leaderboard/")["rows"]}
    measured = {row["model"]: f"latency.{row['configuration']}" for row in latencies}
    return all(
        rows[row["model"]][measured[row["model"]]]["value"] == row["value"]
        and rows[row["model"]]["latency.paddleclas-sd855-bs1"]["origin"] == "published"
        for row in latencies
    )


def test_idle_agent_is_held_at_the_long_poll_until_its_wait_is_over(stack: Stack) -> None:
    config = stack.agent(is_simulated=True).folder.load()
    client = SiteClient(config.site, config.token)
    now = datetime.now(UTC)
    settings = client.heartbeat(wire.HeartbeatRequest(client_time=now)).settings
    request = wire.LeaseRequest(
        request_id="0" * 32, devices=[local_device(simulated=True)], wait_s=1.5, runner_version="1", client_time=now
    )

    started = time.monotonic()
    answer = client.lease(settings.lease_url, request)
    waited_s = time.monotonic() - started
    client.close()

    assert answer is None
    assert 1.5 <= waited_s < 5


def test_simulated_results_are_never_on_the_board(stack: Stack) -> None:
    stack.agent(is_simulated=True).start()

    run_id = stack.ask_for_run(MODEL, LATENCY, engine="stub")
    stack.wait_for_run(run_id)

    rows = stack.results_of(run_id)
    board = stack.get("/api/v1/leaderboard/")
    assert {row["metric"] for row in rows} == TIMED
    assert all(row["is_simulated"] and row["device"].startswith("simulated:") for row in rows)
    assert not any(cell and cell["run"] == run_id for each in board["rows"] for cell in each["cells"].values())
    assert not any((column["device"] or "").startswith("simulated:") for column in board["columns"])


def upload(stack: Stack, model: str, folder: Path) -> str:
    """Upload a network that no recipe makes, where nothing of the catalogue goes before it; the sha256 of its file."""
    stack.sql(
        "UPDATE catalog_artifact SET is_uploaded = true FROM catalog_architecture"
        " WHERE catalog_architecture.id = architecture_id AND catalog_architecture.name = %s",
        model,
    )
    path = folder / "model.onnx"
    built = catalogue.write(model, seed=1, path=path)
    with path.open("rb") as file:
        stack.post("/api/v1/artifacts/", data={"architecture": model}, files={"model.onnx": ("model.onnx", file)})
    return built.sha256


def accept_uploads(stack: Stack, public_id: str) -> None:
    stack.sql("UPDATE fleet_agent SET accepts_uploads = true WHERE public_id = %s", public_id)


def test_uploaded_network_is_downloaded_by_hash_and_executed(stack: Stack, tmp_path: Path) -> None:
    upload(stack, UPLOADED, tmp_path)
    agent = stack.agent()
    accept_uploads(stack, agent.public_id)
    agent.start()

    run_id = stack.ask_for_run(UPLOADED, COMPLEXITY)
    run = stack.wait_for_run(run_id)

    [copy] = agent.folder.artifacts.glob("*/model.onnx")
    assert copy.parent.name == run["artifact_sha256"]
    assert copy.read_bytes() == (tmp_path / "model.onnx").read_bytes()
    assert stack.sql("SELECT is_uploaded FROM catalog_artifact WHERE sha256 = %s", run["artifact_sha256"]) == [(True,)]
    assert len(stack.results_of(run_id)) == len(COUNTED)


def test_damaged_upload_fails_with_both_hashes(stack: Stack, tmp_path: Path) -> None:
    sha256 = upload(stack, DAMAGED, tmp_path)
    stored = stack.state.root / "artifacts" / sha256[:2] / sha256
    stored.write_bytes(stored.read_bytes()[:-1000])
    agent = stack.agent()
    accept_uploads(stack, agent.public_id)
    agent.start()

    run = stack.wait_for_run(stack.ask_for_run(DAMAGED, COMPLEXITY), "failed")

    assert states(run) == ["failed"] * 3
    assert {attempt["failure_kind"] for attempt in run["attempts"]} == {"infrastructure"}
    assert f"its manifest says {sha256}" in run["failure"]
    assert "has sha256" in run["failure"]
