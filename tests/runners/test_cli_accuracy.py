"""`accuracy` and `dataset`, as processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runners import record, wire
from runners.accuracy import labels
from runners.accuracy.preparation import PRESETS
from runners.cli.accuracy import measured
from runners.orders import DatasetSource
from runners.statistics.stated_weights import RANDOM_REFUSAL, SEEDED_REFUSAL
from runners.supervise import AttemptFailed
from runners.zoo import building, models, quantize
from tests.runners.accuracy import photographs
from tests.runners.engines import networks
from tests.runners.test_cli_measure import run
from tests.runners.zoo.test_building import write_weights

NAME = "MobileNetV3_small_x0_35"
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
    done = run("accuracy", "tiny.onnx", "--dataset", "colours", "--preparation", "how.json", *state, cwd=made)
    removed = run("dataset", "remove", "colours", *state, cwd=made)

    assert "a named subset of 12 images" in added.stdout
    assert "4 classes, digest" in added.stdout
    assert "colours" in listed.stdout
    assert done.returncode == 0, done.stderr
    assert "n = 11" in done.stdout
    assert "1, left out of the shares: 00003.png (" in done.stdout
    assert "image 12/12" in done.stderr
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


def test_images_none_of_which_can_be_read_are_a_failure_without_a_record(made: Path) -> None:
    photographs.write(made / "images", unreadable=tuple(range(12)))
    run("dataset", "add", "colours", "images", *COLOURS, "--state", "state", cwd=made)

    arguments = ("--dataset", "colours", "--preparation", "how.json", "--state", "state")
    done = run("accuracy", "tiny.onnx", *arguments, cwd=made)

    assert (done.returncode, done.stdout) == (1, "")
    assert "None of the 12 images could be read, so there is no accuracy." in done.stderr
    assert list(made.glob("*.json.gz")) == []


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["tiny.onnx", "--images", "gone", "--preset", "imagenet"], 1, "There is no folder"),
        (["tiny.onnx", "--images", "images", "--preset", "imagenet"], 1, "class folders for 1,000 classes"),
        (["tiny.onnx", "--dataset", "nobody", "--preset", "imagenet"], 1, "no dataset 'nobody' here"),
        (["tiny.onnx", "--images", "images"], 2, "--preset"),
        (["tiny.onnx", "--images", "images", "--preset", "imagenet", "--out", "gone/r"], 1, "there is no such folder"),
        (["tiny.onnx", "--preset", "imagenet"], 2, "--images FOLDER"),
        (["tiny.onnx", "--images", "images", "--preparation", "tiny.onnx"], 1, "is no input preparation"),
    ],
)
def test_bad_input_is_one_sentence(made: Path, arguments: list[str], code: int, says: str) -> None:
    done = run("accuracy", *arguments, "--state", "state", cwd=made)

    assert (done.returncode, done.stdout) == (code, "")
    assert says in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


@pytest.fixture
def listed(made: Path) -> DatasetSource:
    """One image whose label a list states, for the 1,000 classes of ImageNet."""
    (made / "list.txt").write_text("0/00000.png 0\n")
    return DatasetSource(
        name="own", task=labels.TASK, classes=1000, folder=made / "images", list_file=made / "list.txt"
    )


def refusal(named: str | Path, source: DatasetSource, kept_in: Path, *, weights: Path | None = None) -> str:
    with pytest.raises(AttemptFailed) as failure:
        measured(str(named), source, PRESETS["imagenet"], engine="onnxruntime", kept_in=kept_in, weights=weights)
    assert failure.value.kind == wire.FailureKind.USER
    return failure.value.reason


def test_random_weights_are_refused_of_a_model_and_of_the_file_that_the_zoo_builds(
    made: Path, listed: DatasetSource
) -> None:
    file = made / "anything.onnx"
    building.build_file(models.find(NAME), file, seed=5)

    refusals = [refusal(named, listed, made) for named in (NAME, file)]

    assert refusals == [RANDOM_REFUSAL] * 2


def test_int8_that_is_calibrated_on_seeded_inputs_is_refused_of_a_model_and_of_a_file(
    made: Path, listed: DatasetSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantize, "SEEDED_INPUTS", 4)
    weights = write_weights(made / "w.pdparams", NAME)
    building.build_file(models.find(NAME), made / "int8.onnx", weights=weights, is_int8=True)
    row = write_weights(made / "row.pdparams", "MobileNetV3_large_x1_0")

    refusals = [refusal(made / "int8.onnx", listed, made), refusal(models.INT8, listed, made, weights=row)]

    assert refusals == [SEEDED_REFUSAL] * 2


def test_int8_on_seeded_inputs_is_refused_whatever_its_weights_are_called(
    made: Path, listed: DatasetSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantize, "SEEDED_INPUTS", 4)
    weights = write_weights(made / "a, as in b.pdparams", NAME)
    building.build_file(models.find(NAME), made / "int8.onnx", weights=weights, is_int8=True)

    assert refusal(made / "int8.onnx", listed, made) == SEEDED_REFUSAL


def test_trained_weights_are_measured_whatever_their_file_is_called(made: Path, listed: DatasetSource) -> None:
    weights = write_weights(made / "random_good.pdparams", NAME)

    done = measured(NAME, listed, PRESETS["imagenet"], engine="onnxruntime", kept_in=made, weights=weights)

    assert isinstance(done.record, wire.AccuracyRecord)
    assert done.artifact.weights.startswith("random_good.pdparams (sha256")


def test_presets_say_what_their_makers_say() -> None:
    assert PRESETS["imagenet"].short_side == 256
    assert PRESETS["tf-mobilenet-v1"].label_offset == 1
