"""A whole accuracy run that needs no site and no download, as an agent executes one: for `doctor` and the tests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from runners.accuracy import text_angle
from runners.execute import execute
from runners.orders import DatasetSource
from runners.scratch import scratch_folder
from runners.statistics.wilson import wilson_interval
from runners.wire import (
    AccuracyRecord,
    Artifact,
    ArtifactFile,
    InputPreparation,
    Progress,
    Protocol,
    ProtocolKind,
    RunOrder,
    manifest_sha256,
)

ENGINE = "onnxruntime"
LEAST_SHARE = 0.95
"""The share that the interval has to reach. A wrong resize, layout or scale makes it about one half."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Units: `images_per_s` from loading the network to its last output, in the child process."""

    right: int
    images: int
    images_per_s: float

    @property
    def interval(self) -> tuple[float, float]:
        return wilson_interval(self.right, self.images)

    @property
    def is_plausible(self) -> bool:
        return self.interval[1] >= LEAST_SHARE


def run(
    *,
    engine: str = ENGINE,
    preparation: InputPreparation = text_angle.PREPARATION,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Outcome:
    """The trained text-angle classifier on all lines, in a child process.

    Raises: `runners.accuracy.text_angle.LibraryMissingError`, `runners.execute.AttemptFailed`, ImportError.
    """
    model = text_angle.model()
    with scratch_folder("zooboard-accuracy-") as work:
        execution = execute(
            _order(model, engine, preparation),
            artifact_dir=model.path.parent,
            work_dir=work,
            on_progress=on_progress,
            should_stop=threading.Event(),
            images=DatasetSource(name=text_angle.NAME, task=text_angle.TASK, classes=text_angle.CLASSES),
        )
    record = execution.record
    if not isinstance(record, AccuracyRecord):
        raise TypeError(f"An accuracy order gave a record of kind {record.kind}.")
    return Outcome(record.stated_top1, len(record.labels), float(execution.environment["images_per_s"]))


def _order(model: text_angle.TrainedModel, engine: str, preparation: InputPreparation) -> RunOrder:
    """The order that a site would give; its numbers are nobody's."""
    files = [ArtifactFile(name=model.path.name, sha256=model.sha256, size_bytes=model.path.stat().st_size)]
    return RunOrder(
        run_id=0,
        attempt_id=0,
        model=model.name,
        engine=engine,
        device_fingerprint="0" * 64,
        protocol=Protocol(
            slug=f"accuracy-{text_angle.TASK}",
            version=1,
            kind=ProtocolKind.ACCURACY,
            task=text_angle.TASK,
            batch_size=8,
        ),
        artifact=Artifact(
            sha256=manifest_sha256(format="onnx", precision="fp32", files=files),
            format="onnx",
            precision="fp32",
            weights=model.weights,
            files=files,
            input=preparation,
        ),
        dataset=text_angle.TextAngle().offer(),
    )
