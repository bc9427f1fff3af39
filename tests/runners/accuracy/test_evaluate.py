"""Whole accuracy attempts in real processes, and every way in which they end."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import psutil
import pytest
from PIL import Image

from apps.results.accuracy import record_problems
from runners.execute import AttemptFailed, Execution, execute
from runners.orders import DatasetSource
from runners.regular_file import NOT_REGULAR
from runners.wire import AccuracyRecord, Artifact, FailureKind, Progress, RunOrder, WeightsKind
from tests.runners.accuracy import photographs
from tests.runners.engines import networks
from tests.runners.test_execute import eventually


def run(
    order: RunOrder,
    folder: Path,
    images: DatasetSource | None,
    *,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    work: str = "work",
) -> Execution:
    return execute(
        order,
        artifact_dir=folder,
        work_dir=folder / work,
        kept_dir=folder / "kept",
        on_progress=on_progress,
        should_stop=threading.Event(),
        images=images,
    )


def journal_lines(folder: Path) -> list[bytes]:
    """Whole lines of the one journal that is kept, of which there may be none."""
    lines = [line for path in folder.glob("kept/journals/*") for line in path.read_bytes().splitlines(keepends=True)]
    return [line for line in lines if line.endswith(b"\n")]


def predicted_by_hand(artifact: Artifact, folder: Path, images: Path) -> list[int]:
    """The classes that a plain loop over the files finds."""
    session = onnxruntime.InferenceSession(str(folder / artifact.files[0].name))
    found = []
    for path in sorted(images.rglob("*.png"), key=lambda each: each.name):
        with Image.open(path) as image:
            small = image.transform((8, 8), Image.Transform.AFFINE, (2.5, 0, 0, 0, 2, 0), Image.Resampling.BILINEAR)
        x = (np.asarray(small, np.float32).transpose(2, 0, 1)[None] / 255 - 0.5) / 0.5
        found.append(int(session.run(None, {"x": x})[0].argmax()))
    return found


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_every_image_is_classified_once_and_the_record_follows(tmp_path: Path, engine: str) -> None:
    images = photographs.source(photographs.write(tmp_path / "images"))
    artifact = photographs.trained(tmp_path)
    progress: list[Progress] = []

    execution = run(photographs.order(artifact, images, engine=engine), tmp_path, images, on_progress=progress.append)

    record = execution.record
    assert isinstance(record, AccuracyRecord)
    assert record_problems(record) == []
    assert record.labels == [number % networks.CLASSES for number in range(12)]
    assert record.predicted == predicted_by_hand(artifact, tmp_path, tmp_path / "images")
    assert progress[-1] == Progress(phase="image", done=12, total=12)
    assert execution.environment["preparation"] == photographs.PREPARATION.model_dump()
    assert execution.environment["decoder"]["pillow"]


def test_unreadable_images_are_listed_and_never_skipped(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images", unreadable=(0, 6, 11)))

    record = run(photographs.order(photographs.trained(tmp_path), images), tmp_path, images).record

    assert isinstance(record, AccuracyRecord)
    assert record_problems(record) == []
    assert [image.name for image in record.unreadable] == ["00000.png", "00006.png", "00011.png"]
    assert [number for number, rank in enumerate(record.ranks) if rank == -1] == [0, 6, 11]
    assert all(image.reason for image in record.unreadable)


def test_images_none_of_which_can_be_read_give_no_accuracy_and_are_all_tried_again(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images", unreadable=tuple(range(12))))
    order = photographs.order(photographs.trained(tmp_path), images)

    with pytest.raises(AttemptFailed, match=r"None of the 12 images .* The first, 00000\.png: ") as failure:
        run(order, tmp_path, images)
    photographs.write(tmp_path / "images")
    record = run(order, tmp_path, images, work="again").record

    assert failure.value.kind == FailureKind.USER
    assert isinstance(record, AccuracyRecord)
    assert record.unreadable == []


def test_pipe_among_the_images_is_unreadable_and_holds_nothing_up(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images"))
    os.mkfifo(tmp_path / "images" / "0" / "00012.png")

    record = run(photographs.order(photographs.trained(tmp_path), images), tmp_path, images).record

    assert isinstance(record, AccuracyRecord)
    assert [(image.name, image.reason) for image in record.unreadable] == [("00012.png", NOT_REGULAR)]
    assert record.ranks[12] == -1


def test_fixed_batch_takes_a_last_batch_that_is_not_full(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images", images=7))
    fixed = photographs.trained(tmp_path, networks.network(batch=5))

    record = run(photographs.order(fixed, images), tmp_path, images).record

    assert isinstance(record, AccuracyRecord)
    assert record.predicted == predicted_by_hand(photographs.trained(tmp_path), tmp_path, tmp_path / "images")


def test_next_attempt_goes_on_where_a_killed_child_was_and_executes_no_image_twice(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images", images=4_000))
    order = photographs.order(photographs.trained(tmp_path), images, batch_size=2)
    outcome: list[Exception] = []
    attempt = threading.Thread(target=lambda: outcome.append(failure_of(order, tmp_path, images)))
    attempt.start()

    eventually(lambda: len(journal_lines(tmp_path)) > 20)
    [child] = [each for each in psutil.Process(os.getpid()).children() if "runners.child" in each.cmdline()]
    child.kill()
    attempt.join(timeout=20)
    left = journal_lines(tmp_path)
    next_attempt = order.model_copy(update={"run_id": order.run_id + 1, "attempt_id": order.attempt_id + 1})
    execution = run(next_attempt, tmp_path, images, work="next")

    again = tmp_path / "again"
    again.mkdir()
    fresh = run(photographs.order(photographs.trained(again), images, batch_size=2), again, images)
    assert isinstance(outcome[0], AttemptFailed)
    assert outcome[0].kind == FailureKind.DEVICE
    assert 20 < len(left) < 2_001
    assert journal_lines(tmp_path) == []
    assert execution.environment["resumed_at_image"] == 2 * (len(left) - 1)
    assert execution.record == fresh.record


def failure_of(order: RunOrder, folder: Path, images: DatasetSource) -> Exception:
    with pytest.raises(AttemptFailed) as failure:
        run(order, folder, images)
    return failure.value


def test_images_that_are_not_those_of_the_order_are_refused(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images"))
    order = photographs.order(photographs.trained(tmp_path), images)
    next((tmp_path / "images" / "0").iterdir()).unlink()

    with pytest.raises(AttemptFailed, match="not those of the order") as failure:
        run(order, tmp_path, images)

    assert failure.value.kind == FailureKind.USER


def test_random_weights_are_refused(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images"))
    random = photographs.trained(tmp_path).model_copy(update={"weights_kind": WeightsKind.RANDOM})

    with pytest.raises(AttemptFailed, match="weights are random") as failure:
        run(photographs.order(random, images), tmp_path, images)

    assert failure.value.kind == FailureKind.USER


def test_artifact_without_preparation_is_refused(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images"))

    with pytest.raises(AttemptFailed, match="Nobody stated how an image becomes") as failure:
        run(photographs.order(photographs.trained(tmp_path, how=None), images), tmp_path, images)

    assert failure.value.kind == FailureKind.USER


def test_order_whose_dataset_this_agent_lacks_is_refused(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images"))

    with pytest.raises(AttemptFailed, match="dataset add"):
        run(photographs.order(photographs.trained(tmp_path), images), tmp_path, None)


def test_network_that_gives_nan_is_an_engine_failure(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images"))
    artifact = photographs.trained(tmp_path, networks.network(last_op="Log"))

    with pytest.raises(AttemptFailed, match="NaN or infinite") as failure:
        run(photographs.order(artifact, images), tmp_path, images)

    assert failure.value.kind == FailureKind.ENGINE


def test_network_with_fewer_outputs_than_classes_is_the_users_fault(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images", images=20, classes=9), classes=9)

    with pytest.raises(AttemptFailed, match=r"4 outputs; 9 classes .* too few") as failure:
        run(photographs.order(photographs.trained(tmp_path), images), tmp_path, images)

    assert failure.value.kind == FailureKind.USER


def test_engine_that_takes_one_image_at_a_time_says_so(tmp_path: Path) -> None:
    images = photographs.source(photographs.write(tmp_path / "images"))

    with pytest.raises(AttemptFailed, match="one image at a time") as failure:
        run(photographs.order(photographs.trained(tmp_path), images, engine="ncnn"), tmp_path, images)

    assert failure.value.kind == FailureKind.USER


@pytest.mark.parametrize(("batch_size", "side"), [(64, 4096), (32, 1024)], ids=["the batch", "inside the engine"])
def test_batch_that_does_not_fit_memory_is_a_device_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_size: int, side: int
) -> None:
    large = photographs.PREPARATION.model_copy(update={"height": side, "width": side})
    images = photographs.source(photographs.write(tmp_path / "images", images=4))
    artifact = photographs.trained(tmp_path, networks.network(image_shape=[3, side, side]), how=large)
    monkeypatch.setattr(psutil, "virtual_memory", SmallMemory)

    with pytest.raises(AttemptFailed, match="more memory than") as failure:
        run(photographs.order(artifact, images, batch_size=batch_size), tmp_path, images)

    assert failure.value.kind == FailureKind.DEVICE


class SmallMemory:
    """The machine's memory where there is little of it: the limit that the child sets itself is real."""

    total = 1_700_000_000
