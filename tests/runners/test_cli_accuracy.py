"""`accuracy` and `dataset`, as processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runners import record, wire
from runners.accuracy.preparation import PRESETS
from tests.runners.accuracy import photographs
from tests.runners.engines import networks
from tests.runners.test_cli_measure import run

COLOURS = ("--task", photographs.TASK, "--classes", str(networks.CLASSES))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder with images, a network and its input preparation."""
    photographs.write(tmp_path / "images", unreadable=(3,))
    (tmp_path / "tiny.onnx").write_bytes(networks.network())
    (tmp_path / "how.json").write_text(photographs.PREPARATION.model_dump_json())
    return tmp_path


def test_registered_dataset_is_shown_measured_and_removed(made: Path) -> None:
    state = ("--state", "state")
    added = run("dataset", "add", "colours", "images", *COLOURS, *state, cwd=made)
    listed = run("dataset", "list", *state, cwd=made)
    measured = run("accuracy", "tiny.onnx", "--dataset", "colours", "--preparation", "how.json", *state, cwd=made)
    removed = run("dataset", "remove", "colours", *state, cwd=made)

    assert "a named subset of 12 images" in added.stdout
    assert "4 classes, digest" in added.stdout
    assert "colours" in listed.stdout
    assert measured.returncode == 0, measured.stderr
    assert "n = 11" in measured.stdout
    assert "1, left out of the shares: 00003.png" in measured.stdout
    assert "image 12/12" in measured.stderr
    assert removed.returncode == 0


def test_json_is_one_object_and_the_record_is_what_a_site_takes(made: Path) -> None:
    run("dataset", "add", "colours", "images", *COLOURS, "--state", "state", cwd=made)

    arguments = ("--dataset", "colours", "--preparation", "how.json", "--json", "--out", "r.json.gz")
    done = run("accuracy", "tiny.onnx", *arguments, "--state", "state", cwd=made)

    said = json.loads(done.stdout)
    kept, _ = record.read(made / "r.json.gz")
    assert isinstance(kept.record, wire.AccuracyRecord)
    assert kept.protocol_slug == f"accuracy-{photographs.TASK}"
    assert kept.artifact.input == photographs.PREPARATION
    assert said["accuracy"]["n"] == 11
    assert said["accuracy"]["top1"] == kept.record.stated_top1 / 11
    assert said["accuracy"]["is_standard"] is False


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["tiny.onnx", "--images", "gone", "--preset", "imagenet"], 1, "There is no folder"),
        (["tiny.onnx", "--images", "images", "--preset", "imagenet"], 1, "class folders for 1,000 classes"),
        (["tiny.onnx", "--dataset", "nobody", "--preset", "imagenet"], 1, "no dataset 'nobody' here"),
        (["tiny.onnx", "--images", "images"], 2, "--preset"),
        (["tiny.onnx", "--preset", "imagenet"], 2, "--images FOLDER"),
        (["tiny.onnx", "--images", "images", "--preparation", "tiny.onnx"], 1, "is no input preparation"),
    ],
)
def test_bad_input_is_one_sentence(made: Path, arguments: list[str], code: int, says: str) -> None:
    done = run("accuracy", *arguments, "--state", "state", cwd=made)

    assert (done.returncode, done.stdout) == (code, "")
    assert says in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_random_weights_of_a_model_are_refused(made: Path) -> None:
    (made / "list.txt").write_text("0/00000.png 0\n")

    arguments = ("--images", "images", "--list", "list.txt", "--preset", "imagenet")
    done = run("accuracy", "MobileNetV3_small_x0_35", *arguments, cwd=made)

    assert done.returncode == 1
    assert "weights are random" in done.stderr


def test_presets_say_what_their_makers_say() -> None:
    assert PRESETS["imagenet"].short_side == 256
    assert PRESETS["tf-mobilenet-v1"].label_offset == 1
