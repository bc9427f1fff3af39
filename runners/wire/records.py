"""What was measured: one record for each kind of protocol."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from runners.wire.artifacts import ArtifactFile
from runners.wire.base import Facts, Message, Name, Sha256
from runners.wire.devices import Dataset


class ProcessSamples(Message):
    """Everything one child process measured, in the order in which it happened.

    Shapes: `warmup_wall_ns` (w,); `wall_ns` (n,), one entry per timed inference; `cpu_ns` (n,), or empty where the
    process that executes is on another machine; `device_ns` (m,).
    """

    load_ns: int = Field(ge=0)
    first_ns: int = Field(ge=0)
    warmup_wall_ns: list[Annotated[int, Field(ge=0)]] = Field(max_length=20_000)
    wall_ns: list[Annotated[int, Field(gt=0)]] = Field(min_length=1, max_length=200_000)
    cpu_ns: list[Annotated[int, Field(ge=0)]] = Field(max_length=200_000)
    device_ns: list[Annotated[int, Field(gt=0)]] = Field(default_factory=list, max_length=200_000)
    """On a GPU: times without the copies between host and device, of inferences of their own after the timed loop."""
    started_at: AwareDatetime
    facts: Facts = Field(default_factory=dict)
    """Machine state around this process: load average, CPU frequency, pinned core, peak memory."""


class LatencyRecord(Message):
    kind: Literal["latency"] = "latency"
    processes: list[ProcessSamples] = Field(min_length=1, max_length=50)
    stated_median_ns: float = Field(gt=0)
    """Median of all wall samples as the agent computed it; the site checks that it follows from the samples."""
    output_sha256: Sha256
    """Of the logits for the seeded input, so that a network that computes something else is noticed."""
    executed_files: list[ArtifactFile] = Field(default_factory=list, max_length=10)
    """What the engine loaded where it converted the artifact to its own format; empty where it loads it as it is."""


class ToolSummary(Message):
    """What one invocation of a benchmark program said of its timed runs; None for what it does not say.

    Units: nanoseconds.
    """

    runs: int = Field(ge=1)
    warmup: int = Field(ge=0)
    mean_ns: float = Field(gt=0)
    median_ns: float | None = Field(default=None, gt=0)
    min_ns: float | None = Field(default=None, gt=0)
    max_ns: float | None = Field(default=None, gt=0)
    standard_deviation_ns: float | None = Field(default=None, ge=0)
    init_ns: float | None = Field(default=None, ge=0)
    first_ns: float | None = Field(default=None, gt=0)
    started_at: AwareDatetime
    output: str = Field(max_length=20_000)
    """What it printed, from which these numbers were read: the evidence."""
    facts: Facts = Field(default_factory=dict)
    """State of the device around this invocation: temperature, frequency, battery, mask."""


class SummaryRecord(Message):
    """Latency by a program that keeps its samples to itself: no interval can follow from it."""

    kind: Literal["summary"] = "summary"
    tool: Name
    tool_release: str = Field(max_length=100)
    invocations: list[ToolSummary] = Field(min_length=1, max_length=50)
    stated_mean_ns: float = Field(gt=0)
    """Median of the invocations' means as the agent computed it; the site checks that it follows from them."""
    executed_files: list[ArtifactFile] = Field(default_factory=list, max_length=10)
    """What the program loaded where the artifact was converted; empty where it loads it as it is."""


class ComplexityRecord(Message):
    """Counted from the graph. `flops_paddle` and `params_paddle` follow the published document's own counter."""

    kind: Literal["complexity"] = "complexity"
    params: int = Field(gt=0)
    macs: int = Field(gt=0)
    flops_paddle: int = Field(gt=0)
    params_paddle: int = Field(gt=0)
    storage_bytes: int = Field(gt=0)


class UnreadableImage(Message):
    name: str = Field(max_length=300)
    reason: str = Field(max_length=300)


class AccuracyRecord(Message):
    """What the network said of every image, in the order of the dataset's list.

    Shapes: `labels`, `predicted` and `ranks` (n,) for the n images of the dataset. `labels` and `predicted` are class
    indices from 0; `ranks` is the place of the true class among the outputs, 0 the highest, 5 for every place after the
    fifth. Both are -1 for an image that could not be read; `unreadable` then names it.
    """

    kind: Literal["accuracy"] = "accuracy"
    dataset: Dataset
    labels: list[Annotated[int, Field(ge=0, le=100_000)]] = Field(min_length=1, max_length=200_000)
    predicted: list[Annotated[int, Field(ge=-1, le=100_000)]] = Field(min_length=1, max_length=200_000)
    ranks: list[Annotated[int, Field(ge=-1, le=5)]] = Field(min_length=1, max_length=200_000)
    unreadable: list[UnreadableImage] = Field(default_factory=list, max_length=200_000)
    stated_top1: int = Field(ge=0)
    """Number of images with rank 0 as the agent counted them; the site checks that it follows from `ranks`."""
    stated_top5: int = Field(ge=0)


Record = Annotated[LatencyRecord | SummaryRecord | ComplexityRecord | AccuracyRecord, Field(discriminator="kind")]
