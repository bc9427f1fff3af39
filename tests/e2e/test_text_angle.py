"""The accuracy that every machine can measure, from the import of a real network to its value in the API."""

import shlex
from pathlib import Path

import pytest

from runners.accuracy import text_angle
from tests.e2e.stack import Stack, states

pytestmark = pytest.mark.timeout(720)

PROTOCOL = "accuracy-text-angle"


def import_model(stack: Stack, model: text_angle.TrainedModel, folder: Path) -> str:
    """Import the trained network as an administrator does; the sha256 of its artifact."""
    preparation = folder / "preparation.json"
    preparation.write_text(model.preparation.model_dump_json())
    words = ["import_model", model.name, str(model.path), "--preparation", str(preparation)]
    words += ["--task", text_angle.TASK, "--weights", model.weights]
    words += ["--family", "text-lines", "--family-title", "Text lines", "--organisation", "Baidu", "--year", "2020"]
    return stack.command(shlex.join(words))


def test_agent_measures_the_accuracy_of_a_real_network_on_its_built_in_images(stack: Stack, tmp_path: Path) -> None:
    model = text_angle.model()
    sha256 = import_model(stack, model, tmp_path)
    stack.agent().start()

    run_id = stack.ask_for_run(model.name, PROTOCOL, engine="onnxruntime")
    run = stack.wait_for_run(run_id)

    [row] = stack.results_of(run_id)
    samples = stack.get(f"/api/v1/results/{row['id']}/samples/")
    board = stack.get("/api/v1/leaderboard/")
    low, high = row["interval"]
    assert states(run) == ["accepted"]
    assert run["artifact_sha256"] == row["artifact_sha256"] == sha256
    assert (row["metric"], row["n"], row["weights"]) == ("top1", text_angle.IMAGES, model.weights)
    assert low < row["value"] <= high
    assert row["value"] > 0.95
    assert samples["images"]["labels"] == list(text_angle.TextAngle().labels)
    assert samples["images"]["ranks"].count(0) == round(row["value"] * text_angle.IMAGES)
    assert model.name not in {each["model"] for each in board["rows"]}
    assert not any("text-angle" in column["key"] for column in board["columns"])
    assert model.name not in stack.page("/")
