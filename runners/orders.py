"""Messages between the agent and its child processes: an order on the child's stdin, an answer in a file.

They never leave the machine and both ends are of one release, so they carry no version.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import Field

from runners.wire import (
    AccuracyRecord,
    ArtifactFile,
    ComplexityRecord,
    Facts,
    FailureKind,
    Message,
    Name,
    ProcessSamples,
    RunOrder,
    Sha256,
)

ERROR_EXIT_CODE = 3
"""The child understood what went wrong and wrote a `ChildError`; any other code but 0 is a crash."""

OUT_OF_MEMORY = "The network needs more memory than the process may have."

COUNTER = "onnx"
"""The "engine" of complexity protocols: it reads the graph and executes nothing."""


class DatasetSource(Message):
    """Where labelled images are on this machine. It comes from whoever owns the machine, never from a site.

    Without `folder` it is the built-in dataset of this name; with `list_file` the labels stand there.
    """

    name: Name
    task: Name
    classes: int = Field(ge=2, le=100_000)
    folder: Path | None = None
    list_file: Path | None = None


class ChildOrder(Message):
    """What one child does. `answer_path` and `error_path` do not exist yet; the child writes one of them."""

    order: RunOrder
    convert: list[int] | None = None
    """Shape of one image for which the artifact is to be converted; only then is it, and nothing else done."""
    artifact_dir: Path
    """Where the artifact's files are, or what they were converted to."""
    images: DatasetSource | None = None
    """For accuracy: where the order's dataset is."""
    journal_path: Path | None = None
    """For accuracy: what an interrupted evaluation left, or will leave."""
    seed: int
    cpus: list[int]
    """Logical CPUs to be pinned to; empty where the system cannot pin."""
    gpu_uuid: str | None = None
    """The one GPU that the child may see; None for a child that needs none."""
    memory_bytes: int | None = None
    cpu_time_s: int | None = Field(default=None, gt=0)
    answer_path: Path
    error_path: Path
    parent_pid: int


class MeasuredProcess(Message):
    """Answer to a latency order, kept on disk until the attempt's record is made."""

    order_sha256: Sha256
    engine_release: str
    samples: ProcessSamples
    output_sha256: Sha256


class CountedGraph(Message):
    """Answer to a complexity order."""

    engine_release: str
    record: ComplexityRecord


class EvaluatedImages(Message):
    """Answer to an accuracy order, kept on disk as a measured process is."""

    order_sha256: Sha256
    engine_release: str
    record: AccuracyRecord
    facts: Facts


class ConvertedArtifact(Message):
    """Answer to an order to convert: the files beside it."""

    files: list[ArtifactFile] = Field(min_length=1, max_length=10)


class ChildError(Message):
    kind: FailureKind
    reason: str


def order_sha256(order: RunOrder) -> str:
    """Identifies an order, so that samples of another one are never taken for its own."""
    return hashlib.sha256(order.model_dump_json().encode()).hexdigest()


def evaluation_sha256(order: RunOrder) -> str:
    """Identifies what an accuracy evaluates, whichever run and attempt ask for it."""
    return order_sha256(order.model_copy(update={"run_id": 0, "attempt_id": 0}))
