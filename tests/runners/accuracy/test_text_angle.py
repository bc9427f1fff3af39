"""The rendered lines of text and the trained network that every machine can have."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runners import doctor
from runners.accuracy import self_check, text_angle, text_lines
from runners.accuracy.self_check import Outcome
from runners.wire import Progress

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def images() -> text_angle.TextAngle:
    return text_angle.TextAngle()


def pixels(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


def test_dataset_is_the_standard_one_of_its_task(images: text_angle.TextAngle) -> None:
    rows = json.loads((ROOT / "fixtures" / "datasets.json").read_text())

    [standard] = [row for row in rows if row["task"] == "text-angle"]

    wanted = {key: standard[key] for key in ("name", "task", "images", "classes", "sha256")}
    assert images.offer().model_dump() == wanted
    assert sorted(images.names) == list(images.names)


def test_lines_are_the_same_whenever_they_are_read(images: text_angle.TextAngle) -> None:
    first = [images.read(index) for index in (0, 1, 299)]

    again = [text_angle.TextAngle().read(index) for index in (0, 1, 299)]

    assert again == first
    assert len(set(first)) == 3


def test_line_of_class_1_is_its_upright_line_turned_by_180_degrees(images: text_angle.TextAngle) -> None:
    upright = pixels(text_lines.png(text_angle.SEED, 1, is_turned=False))

    turned = pixels(images.read(1))

    assert images.labels[1] == 1
    assert np.array_equal(turned, upright[::-1, ::-1])


def test_lines_differ_in_size_and_in_greys(images: text_angle.TextAngle) -> None:
    lines = [pixels(images.read(index)) for index in range(60)]

    heights = {line.shape[0] for line in lines}
    means = [float(line.mean()) for line in lines]

    assert len(heights) > 15
    assert min(means) < 100
    assert max(means) > 200


def test_trained_network_is_found_without_loading_its_library() -> None:
    program = "import sys; from runners.accuracy import text_angle as t; print(t.model().sha256, 'cv2' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    model = text_angle.model()
    assert done.stdout.split() == [model.sha256, "False"]
    assert "PaddleOCR" in model.weights
    assert not model.weights.startswith("random")


def test_missing_library_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # This is how Python itself notes that a module cannot be imported.
    monkeypatch.setitem(sys.modules, "rapidocr", None)

    finding = doctor.examine_accuracy()

    assert not finding.is_ok
    assert "rapidocr, which is not installed" in finding.text
    assert "pip install 'zooboard-runner[text-angle]'" in finding.text


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_trained_network_tells_the_angle_of_nearly_all_lines(engine: str) -> None:
    progress: list[Progress] = []

    outcome = self_check.run(engine=engine, on_progress=progress.append)

    assert outcome.images == text_angle.IMAGES
    assert outcome.is_plausible
    assert outcome.right / outcome.images > 0.95
    assert outcome.images_per_s > 0
    assert progress[-1] == Progress(phase="image", done=300, total=300)


@pytest.mark.parametrize(
    "wrong", [{"std": [0.5 / 255] * 3}, {"method": "stretch", "height": 192, "width": 48}, {"mean": [5.0] * 3}]
)
def test_preparation_that_is_wrong_by_far_is_noticed(wrong: dict[str, object]) -> None:
    """A mean of 0.456 for 0.5, or channels in the other order of a grey image, change next to nothing."""
    preparation = text_angle.PREPARATION.model_copy(update=wrong)

    outcome = self_check.run(preparation=preparation)

    assert not outcome.is_plausible


@pytest.mark.parametrize(("right", "is_plausible"), [(300, True), (285, True), (280, True), (270, False), (150, False)])
def test_bound_is_on_the_upper_end_of_the_interval(right: int, is_plausible: bool) -> None:
    outcome = Outcome(right=right, images=300, images_per_s=100.0)

    assert outcome.is_plausible is is_plausible


def test_doctor_prints_share_interval_and_images_per_second(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "runners", "doctor", "--accuracy", "--state", str(tmp_path)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    [line] = [line for line in done.stdout.splitlines() if " accuracy " in line]
    assert line.startswith("ok")
    assert "of 300 rendered lines of text" in line
    assert "images/s" in line
